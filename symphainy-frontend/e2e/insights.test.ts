/** Findings and questions about rows, on a real server in a real browser. */

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, launch, openTab, type Watched } from "./browser";
import { answers, enter, say, temporaryFile, upload } from "./page";
import { TestServer } from "./server";

let browser: Browser;
let server: TestServer;
let context: BrowserContext;
let tab: Watched;
let page: Page;

const LATE = new Set(["Birch", "Elm"]);

/** 600 invoices; two customers pay about 100 days late. */
function invoices(): string {
  const names = ["Acorn", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Iris", "Juniper"];
  let state = 11;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const lines = ["invoice_no,customer,region,amount,days_late"];
  for (let n = 0; n < 600; n++) {
    const customer = names[Math.floor(random() * names.length)] ?? "Acorn";
    const late = Math.round((LATE.has(customer) ? 100 : 2) + 20 * (random() - 0.5));
    lines.push(
      `R${n},${customer},${random() < 0.5 ? "West" : "East"},${(100 + 900 * random()).toFixed(2)},${Math.max(0, late)}`,
    );
  }
  return lines.join("\n");
}

beforeAll(async () => {
  browser = await launch();
  server = await TestServer.start();
  context = await browser.newContext();
  tab = await openTab(context, server.url);
  page = tab.page;
  await enter(page);
  await upload(page, await temporaryFile("invoices.csv", invoices()));
  await page.locator('[data-testid="file-row"][data-status="parsed"]').waitFor();
  await page
    .getByRole("link", { name: /Insights/ })
    .first()
    .click();
  await page.getByTestId("drill-question").waitFor();
});

afterAll(async () => {
  await context.close();
  await browser.close();
  await server.stop();
  expect(tab.problems).toEqual([]);
});

test("customers more than 90 days late: exactly those rows, in the chat and in the page", async () => {
  const expected = invoices()
    .split("\n")
    .slice(1)
    .filter((line) => Number(line.split(",")[4]) > 90).length;
  await page.getByTestId("drill-question").fill("Which customers are more than 90 days late?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const answer = page.getByTestId("answer");
  await answer.waitFor();
  await expect.poll(() => answer.textContent()).toContain("days_late more than 90");
  await expect.poll(() => answer.textContent()).toContain(`${expected} rows`);
  const names = await answer.locator("tbody tr td:nth-child(2)").allTextContents();
  expect(new Set(names)).toEqual(LATE);
  expect(names).toHaveLength(expected);

  await page.getByRole("tab", { name: /Insights liaison/ }).click();
  await say(page, "Show me customers who are more than 90 days late");
  await expect.poll(() => answers(page).last().textContent()).toContain(`of ${expected} rows`);
});

test("an analysis runs, names who stands out, and every finding shows its SQL and its rows", async () => {
  await page.getByRole("button", { name: "Analyse invoices.csv" }).click();
  const finding = page.getByTestId("finding").first();
  await finding.waitFor();
  expect(await finding.getByRole("heading").textContent()).toContain("Birch and Elm stand out in customer");
  await finding.getByText("Show the SQL").click();
  expect(await finding.locator("pre").first().textContent()).toContain("mean_of_these");
  await page.locator('[data-testid="chart"] canvas, [data-testid="chart"] svg').first().waitFor();
  const summary = page.getByRole("region", { name: "Summary" });
  await summary.getByTestId("chart").locator("canvas").waitFor();
  const drawn = await page.evaluate(() => {
    const canvases = document.querySelectorAll<HTMLElement>('[data-testid="chart"] canvas');
    for (const canvas of canvases) canvas.dataset.kept = "";
    return canvases.length;
  });
  await finding.getByRole("button", { name: "Show the rows" }).click();
  const rows = finding.getByTestId("finding-rows").locator("tbody tr");
  await rows.first().waitFor();
  const customers = await finding.getByTestId("finding-rows").locator("tbody tr td:nth-child(3)").allTextContents();
  expect(new Set(customers)).toEqual(LATE);
  // A change of the session draws no chart again.
  expect(await page.locator("canvas[data-kept]").count()).toBe(drawn);
  expect(await summary.locator("li").first().textContent()).toContain("Birch and Elm");
  await page.reload();
  await page.getByTestId("finding").first().waitFor();
  await expectAccessible(page);
});

test("an unclear question is asked back with buttons that answer it", async () => {
  await page.getByTestId("drill-question").fill("How many suspicious invoices are there per region?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByRole("button", { name: "The number of rows for each region." }).click();
  await expect.poll(() => page.getByTestId("answer").textContent()).toContain("number of rows for each region");
  await page.getByRole("button", { name: "Chart", exact: true }).first().click();
  await page.getByTestId("answer").getByTestId("chart").waitFor();
});
