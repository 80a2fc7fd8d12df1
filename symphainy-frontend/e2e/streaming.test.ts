/** In the middle of an answer: reload, stop, and a killed server. */
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, openTab, type Watched } from "./browser";
import { answers, enter, live, say } from "./page";
import { TestServer } from "./server";

let browser: Browser;
let server: TestServer;
let context: BrowserContext;
let tab: Watched;

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  server = await TestServer.start({ scripted: true });
  context = await browser.newContext();
  tab = await openTab(context, server.url);
  await enter(tab.page);
  await say(tab.page, "what next?");
  await answers(tab.page).getByText("word5 ").waitFor();
});
afterEach(async () => {
  await context.close();
  await server.stop();
  expect(tab.problems).toEqual([]);
});

async function words(): Promise<string[]> {
  return (await answers(tab.page).first().innerText()).match(/word\d+/g) ?? [];
}

const ALL = Array.from({ length: 120 }, (_, n) => `word${n + 1}`);

test("an answer goes on over a reload, whole and without a word twice", async () => {
  await tab.page.reload();
  await live(tab.page);
  await expect.poll(words, { timeout: 20_000 }).toEqual(ALL);
});

test("stop ends the answer at once and keeps what was said", async () => {
  await tab.page.getByRole("button", { name: /stop/i }).first().click();
  await tab.page.getByTestId("run-end").waitFor();
  const kept = await words();
  expect(kept.length).toBeGreaterThan(3);
  expect(kept.length).toBeLessThan(120);
  expect(kept).toEqual(ALL.slice(0, kept.length));
});

test("a killed server answers again when it is back, once", async () => {
  await server.kill();
  await server.start();
  await live(tab.page);
  await expect.poll(words, { timeout: 25_000 }).toEqual(ALL);
  expect(await answers(tab.page).count()).toBe(1);
});
