/** Chromium for a test, with every console error, page error and foreign request collected. */
import AxeBuilder from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM;
  if (!executablePath) throw new Error("CHROMIUM is not set; run these tests with: make test");
  return chromium.launch({ executablePath, args: FLAGS });
}

export interface Watched {
  readonly page: Page;
  readonly problems: string[];
}

/** A tab that records what must never happen: console errors, exceptions, requests to another host. */
export async function openTab(context: BrowserContext, url: string): Promise<Watched> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems: string[] = [];
  const host = new URL(url).host;
  page.on("console", (message) => {
    const lost = /net::ERR_|Failed to load resource/.test(message.text());
    if (message.type() === "error" && !lost) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (target.protocol.startsWith("http") && target.host !== host) problems.push(`request to ${target.host}`);
  });
  await page.goto(url);
  return { page, problems };
}

export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AxeBuilder.source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof AxeBuilder };
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map((item) => `${item.id}: ${item.nodes.map((node) => node.html).join(" | ")}`);
  });
  expect(violations).toEqual([]);
}
