/** One session from sample data to a proposal through the real page, with a reload and a killed server on the way. */
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openTab, type Watched } from "./browser";
import { answers, enter, fileRow, live, say } from "./page";
import { TestServer } from "./server";

const PATIENT = { timeout: 40_000 };
let browser: Browser;
let server: TestServer;
let context: BrowserContext;
let tab: Watched;

beforeAll(async () => {
  browser = await launch();
  server = await TestServer.start();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  tab = await openTab(context, server.url);
  await enter(tab.page);
});
afterAll(async () => {
  await context.close();
  await browser.close();
  await server.stop();
});

const main = (page: Page): Locator => page.locator("#main");

async function open(page: Page, area: RegExp): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: area }).first().click();
}

async function takeSample(page: Page, title: string, ...files: string[]): Promise<void> {
  await page.getByRole("button", { name: `Use it: ${title}` }).click();
  for (const name of files) await fileRow(page, name).and(page.locator('[data-status="parsed"]')).waitFor(PATIENT);
}

/** Numbers for every number, a day for every date; what is optional stays open. */
async function answerAll(page: Page, known: Readonly<Record<string, string>>): Promise<void> {
  const form = main(page).getByTestId("questions");
  for (const question of await form.getByTestId("question").all()) {
    const label = (await question.locator("label").first().innerText()).replaceAll("\n", " ");
    if (label.includes("(optional)")) continue;
    const field = question.locator("input, textarea").first();
    const date = (await field.getAttribute("type")) === "date";
    const words = Object.keys(known).find((part) => label.includes(part));
    await field.fill(words ? (known[words] ?? "") : date ? "2026-12-07" : "10");
  }
  await form.getByRole("button", { name: "Send the answers" }).click();
}

test("sample data, findings, rows, procedure, blueprint, roadmap and proposal agree with each other", async () => {
  const { page, problems } = tab;
  await takeSample(page, "Invoices and late payers", "receivables.csv");
  await takeSample(page, "A refund procedure and its workflow", "refund_sop.md", "refund_process.bpmn");

  await open(page, /Insights/);
  await page.getByTestId("source").selectOption({ label: "receivables.csv" });
  await page.getByRole("button", { name: "Analyse receivables.csv" }).click();
  await page.getByTestId("finding").first().waitFor(PATIENT);
  const statements = await page
    .getByTestId("finding")
    .evaluateAll((items) => items.map((item) => item.querySelector("p:not([class])")?.textContent ?? item.textContent));
  expect(statements.filter((statement) => (statement?.length ?? 0) > 40).length).toBeGreaterThan(3);
  await page.getByTestId("drill-question").fill("Which customers are more than 90 days late?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByTestId("answer").getByText("402 rows").waitFor(PATIENT);
  await page.reload();
  await live(page);
  await page.getByTestId("answer").getByText("402 rows").waitFor(PATIENT);

  await open(page, /Operations/);
  await page.getByRole("button", { name: "Read the procedure" }).click();
  await page.getByTestId("panel-sop").waitFor(PATIENT);
  await page.getByRole("button", { name: "Read the diagram" }).click();
  await page.getByTestId("panel-workflow_model").waitFor(PATIENT);
  await page.getByRole("button", { name: "Compare SOP and workflow" }).click();
  await page.getByTestId("panel-blueprint").waitFor(PATIENT);
  const score = await page.getByTestId("score").innerText();
  const gaps = await page.getByTestId("gaps").getByRole("listitem").count();

  await open(page, /utcomes/);
  await page.getByRole("button", { name: "Write a proposal" }).click();
  await main(page).getByText("How many people work on it in all?").waitFor(PATIENT);
  await server.kill();
  await server.start();
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached", ...PATIENT });
  await answerAll(page, { "in all": "4", together: "2" });
  await main(page).getByText("Which discount rate do you use?").waitFor(PATIENT);
  const money = { "part of the proof": "all", "which currency": "EUR", "person-day": "800", "come once": "12000" };
  await answerAll(page, {
    ...money,
    "running it": "5000",
    "bring a year": "90000",
    discount: "10",
    "how many years": "4",
  });
  const proposal = main(page).getByTestId("proposal");
  await proposal.getByTestId("objective").first().waitFor(PATIENT);
  const objectives = (await proposal.getByTestId("objective").allInnerTexts()).join("\n");
  expect(statements.filter((statement) => statement && objectives.includes(statement.trim()))).not.toEqual([]);
  expect(await proposal.innerText()).toContain(`${gaps} gaps`);

  await page.getByRole("button", { name: "Sum it up" }).click();
  const summary = page.getByTestId("summary");
  await summary.getByText(`score ${score}`).first().waitFor(PATIENT);
  const told = await summary.innerText();
  expect(told).toContain("receivables.csv: 5,000 rows");
  expect(told).toContain(`${gaps} gaps`);
  expect(statements.filter((statement) => statement && told.includes(statement.trim()))).not.toEqual([]);
  await page
    .getByTestId("chat")
    .getByRole("tab", { name: /Outcomes liaison/ })
    .click();
  const roi = await proposal.getByTestId("key-figures").innerText();
  await say(page, "what is the ROI?");
  const percent = /Return on investment\s+([\d.,]+ %)/.exec(roi)?.[1] ?? "no return on investment";
  await answers(page).last().getByText(percent).first().waitFor(PATIENT);
  expect(problems).toEqual([]);
}, 120_000);
