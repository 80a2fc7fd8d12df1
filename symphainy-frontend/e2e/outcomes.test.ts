/** From the other areas' results to a roadmap and a proposal, in a real browser: acceptance tests 9 and 10. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible } from "./browser";
import { openDesk } from "./desk";
import { answers, live, say } from "./page";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const desk = openDesk({ server: "for each test", viewport: { width: 1440, height: 900 } });

/** An analysed file, its findings and a blueprint, as the other areas leave them. */
async function seed(page: Page): Promise<void> {
  const session = new URL(page.url()).pathname.split("/")[2] ?? "";
  await desk.server.kill();
  const command = ["-m", "tests.outcomes.seed", desk.server.data, session];
  const done = spawnSync(process.env.PYTHON ?? "python3", command, { cwd: ROOT, encoding: "utf8" });
  expect(done.stderr).toBe("");
  await desk.server.start();
  await page.goto(`${desk.server.url}/s/${session}/business-outcomes`);
  await live(page);
}

const PLAN = ["4", "2", "2026-12-07", "10", "10", "10", "10", "10"];
const MONEY = ["all", "EUR", "800", "12000", "5000", "60000", "10", "4"];

async function toLiaison(page: Page): Promise<void> {
  await page
    .getByTestId("chat")
    .getByRole("tab", { name: /outcomes/i })
    .click();
}

async function fill(page: Page, values: readonly string[]): Promise<void> {
  const fields = page.locator("#main").getByTestId("questions").locator("input, textarea");
  for (const [position, value] of values.entries()) await fields.nth(position).fill(value);
  await page.locator("#main").getByRole("button", { name: "Send the answers" }).click();
}

test("summaries hold the numbers of the other areas; where there is none, what to do", async () => {
  const { page } = desk.tab;
  await seed(page);
  await page.getByRole("button", { name: "Sum it up" }).click();
  const summary = page.getByTestId("summary");
  await summary.getByText("invoices.csv: 200 rows").waitFor();
  for (const fact of ["212 of 5,000 invoices", "score 71.4, 5 aligned steps, 2 gaps"]) {
    expect(await summary.innerText()).toContain(fact);
  }
  await toLiaison(page);
  await say(page, "summarise the results of all areas");
  await answers(page).last().getByText("212 of 5,000 invoices").waitFor();
});

test("asked for the final roadmap and proposal, it asks back, and both refer to the findings", async () => {
  const { page } = desk.tab;
  await seed(page);
  await toLiaison(page);
  // The first answer after a start waits until what understands it is loaded.
  await say(page, "Generate the final roadmap and POC proposal");
  const main = page.locator("#main");
  await main.getByTestId("questions").getByText("How many people work on it in all?").waitFor({ timeout: 40_000 });
  await fill(page, PLAN);
  await main.getByTestId("questions").getByText("Which discount rate do you use?").waitFor();
  await page.reload();
  await live(page);
  await main.getByTestId("questions").waitFor();
  await fill(page, MONEY);
  await main.getByTestId("proposal").getByTestId("objective").first().waitFor();
  expect(await main.getByTestId("objective").first().innerText()).toContain("212 of 5,000 invoices");
  expect(await main.getByTestId("key-figures").innerText()).toContain("52,000 EUR");
  expect(await main.getByTestId("assumptions").innerText()).toContain("your answer of");
  await main.getByTestId("chart").first().waitFor();
  await expectAccessible(page);
  await main.getByRole("tab", { name: "Roadmap" }).click();
  await main.getByTestId("timeline").waitFor();
  expect(await main.getByTestId("phase").count()).toBeGreaterThanOrEqual(2);
  await main.getByTestId("timeline").getByRole("link", { name: /^I1 / }).click();
  await main.getByText("From Insights of invoices.csv").first().waitFor();
  await toLiaison(page);
  await say(page, "what is the ROI?");
  await answers(page).last().getByText("323.1 %").waitFor();
  await expectAccessible(page);
}, 120_000);

test("what the user adds is kept, shown and can be removed; a phone shows it too", async () => {
  const { page } = desk.tab;
  await seed(page);
  await page.getByRole("textbox", { name: "Something to consider" }).fill("our budget is 50k");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const note = page.getByRole("button", { name: "Remove: our budget is 50k" });
  await note.waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await note.waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectAccessible(page);
  await note.click();
  await note.waitFor({ state: "detached" });
});
