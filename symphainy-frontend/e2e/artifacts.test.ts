/** Results in versions, their lifecycle, and questions that wait: in a real browser, against a real server that is killed. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible, openTab } from "./browser";
import { openDesk } from "./desk";
import { live, temporaryFile, upload } from "./page";

const desk = openDesk({ server: "for each test" });

const SALES = "day,region,amount\n2026-01-01,North,10\n2026-01-02,South,20\n2026-01-02,South,20\n2026-01-04,,\n";

const sessionOf = (page: Page): string => new URL(page.url()).pathname.split("/")[2] ?? "";
const outcomes = (page: Page): string => `${desk.server.url}/s/${sessionOf(page)}/business-outcomes`;

async function bring(page: Page, name: string, content: string): Promise<void> {
  await upload(page, await temporaryFile(name, content));
  await page.locator(`[data-testid="file-row"][data-status="parsed"]:has-text("${name}")`).waitFor({ timeout: 30_000 });
}

/** Starts an operation of business outcomes, as its page does. Gives its workflow's id. */
async function begin(page: Page, operation: string): Promise<string> {
  const workflow: { workflow_id: string } = await page.evaluate(
    async ([path, body]) => {
      const headers = { "Content-Type": "application/json" };
      return (await fetch(path ?? "", { method: "POST", headers, body: body ?? "" })).json();
    },
    [
      `/api/v1/sessions/${sessionOf(page)}/workflows`,
      JSON.stringify({ orchestrator: "BusinessOutcomesOrchestrator", operation, input: {} }),
    ],
  );
  return workflow.workflow_id;
}

/** What Insights and Operations found, put in while the server is down: two versions of a blueprint are in it. */
async function seed(page: Page): Promise<void> {
  await desk.server.kill();
  const script = fileURLToPath(new URL("seed_results.py", import.meta.url));
  const where = ["--data", desk.server.data, "--session", sessionOf(page)];
  await promisify(execFile)(process.env.PYTHON ?? "python3", [script, ...where]);
  await desk.server.start();
  await page.reload();
  await live(page);
}

test("two versions are compared, and the steps of one are seen in a second tab", async () => {
  const { page } = desk.tab;
  await bring(page, "sales.csv", SALES);
  await seed(page);
  await page.getByTestId("results-link").click();
  await page.getByTestId("artifact-row").filter({ hasText: "version 2" }).getByRole("link").click();
  await page.getByTestId("artifact-view").waitFor();
  await page.getByRole("button", { name: "Compare with version 1" }).click();
  await page.getByTestId("change").filter({ hasText: "Nobody records why" }).waitFor();
  expect(await page.getByTestId("change").count()).toBe(3);
  expect(page.url()).toContain("version=2&with=1");
  await expectAccessible(page);
  await page.getByRole("button", { name: "End comparison" }).click();

  const other = await openTab(desk.context, page.url());
  const status = other.page.locator('.artifact [data-testid="artifact-status"]');
  await status.waitFor();
  await page.getByRole("button", { name: "Send to review" }).click();
  await expect.poll(() => status.getAttribute("data-status")).toBe("review");
  await page.getByRole("button", { name: "Approve" }).click();
  await expect.poll(() => status.getAttribute("data-status")).toBe("approved");
  await page.getByTestId("version-choice").selectOption("1");
  await expect
    .poll(() => page.locator('.artifact [data-testid="artifact-status"]').getAttribute("data-status"))
    .toBe("draft");
  expect(other.problems).toEqual([]);
});

test("versions that the session no longer holds are opened and compared", async () => {
  const { page } = desk.tab;
  await bring(page, "sales.csv", SALES);
  await seed(page);
  await page.getByTestId("results-link").click();
  await page.getByTestId("artifact-row").filter({ hasText: "version 53" }).getByRole("link").click();
  const shown = page.getByTestId("artifact-view");
  await shown.filter({ hasText: "This is note 53." }).waitFor();
  await page.getByTestId("version-choice").selectOption("2");
  await shown.filter({ hasText: "This is note 2." }).waitFor();
  await expectAccessible(page);

  const statusIn = (tab: Page) => tab.locator('.artifact [data-testid="artifact-status"]').getAttribute("data-status");
  const other = await openTab(desk.context, page.url());
  await other.page.getByRole("button", { name: "Send to review" }).waitFor();
  await page.getByRole("button", { name: "Send to review" }).click();
  for (const tab of [page, other.page]) await expect.poll(() => statusIn(tab)).toBe("review");
  await other.page.getByRole("button", { name: "Approve" }).click();
  for (const tab of [page, other.page]) await expect.poll(() => statusIn(tab)).toBe("approved");
  await page.getByRole("button", { name: "Mark as implemented" }).waitFor();
  await page.reload();
  await expect.poll(() => statusIn(page)).toBe("approved");
  expect(other.problems).toEqual([]);

  await page.getByRole("button", { name: "Compare with version 1" }).click();
  await page.getByTestId("change").filter({ hasText: "This is note 1." }).waitFor();
  await page.getByTestId("comparison-choice").selectOption("53");
  await page.getByTestId("change").filter({ hasText: "This is note 53." }).waitFor();
  await page.reload();
  await page.getByTestId("change").filter({ hasText: "This is note 2." }).waitFor();
});

test("questions are still asked after a reload and after a killed desk.server, and are answered once", async () => {
  const { page } = desk.tab;
  await bring(page, "sales.csv", SALES);
  await seed(page);
  const workflowId = await begin(page, "generate_strategic_roadmap");
  await page.goto(`${outcomes(page)}/workflow/${workflowId}`);
  const form = page.locator('.main [data-testid="questions"]');
  await form.waitFor();
  await expectAccessible(page);
  await form.getByRole("button", { name: "Send the answers" }).click();
  expect(await form.locator(":focus").getAttribute("data-question")).toBe("team_size");
  await form.getByLabel(/How many people work on it/).fill("4");
  await page.reload();
  await form.waitFor();
  expect(await form.getByLabel(/How many people work on it/).inputValue()).toBe("4");

  await desk.server.kill();
  await form.getByText("There is no connection").waitFor();
  expect(await form.getByRole("button", { name: "Send the answers" }).isDisabled()).toBe(true);
  await form.getByLabel(/work together on one/).fill("2");
  await form.getByLabel(/On which day/).fill("2026-12-01");
  for (const effort of await form.getByLabel(/person-days/).all()) await effort.fill("5");
  await desk.server.start();
  await live(page);
  await form.getByRole("button", { name: "Send the answers" }).click();
  await page.locator('.main [data-testid="workflow-card"][data-status="completed"]').waitFor();
  await expect.poll(() => form.count()).toBe(0);
  await page
    .getByRole("link", { name: /Roadmap/ })
    .first()
    .click();
  await page.getByTestId("artifact-view").waitFor();
});
