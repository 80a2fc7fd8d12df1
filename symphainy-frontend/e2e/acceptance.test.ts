/**
 * The twelve acceptance tests of the platform, each by its number and sentence: one user in a real browser, a real server,
 * real files. They go on from each other, as the user does; the server is killed on the way.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openTab, type Watched } from "./browser";
import { answers, enter, fileRow, largeTable, live, mine, say, temporaryFile, upload } from "./page";
import { TestServer, until } from "./server";

const SAMPLES = join(import.meta.dirname, "../../src/symphainy/samples");
const PATIENT = { timeout: 40_000 };
const RECEIVABLES = gunzipSync(readFileSync(join(SAMPLES, "receivables.csv.gz"))).toString();
/** Invoices that are more than 90 days late, from the file itself. */
const LATE = RECEIVABLES.trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(","))
  .filter((cells) => Number(cells.at(-1)) > 90)
  .map((cells) => cells[0] ?? "");

let browser: Browser;
let server: TestServer;
let context: BrowserContext;
let tab: Watched;
let page: Page;
/** What earlier tests saw, for later ones to find again. */
const seen = { statements: [] as string[], score: "", gaps: 0 };

beforeAll(async () => {
  browser = await launch();
  server = await TestServer.start();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  tab = await openTab(context, server.url);
  page = tab.page;
  await enter(page);
});
afterAll(async () => {
  await context.close();
  await browser.close();
  await server.stop();
  expect(tab.problems).toEqual([]);
});

const main = (): Locator => page.locator("#main");
const parsed = (name: string) => fileRow(page, name).and(page.locator('[data-status="parsed"]'));

async function open(area: string): Promise<void> {
  await page.getByTestId(`area-${area}`).click();
}

/** Asks an agent of the area in view, and gives its answer. */
async function ask(agent: RegExp, words: string): Promise<Locator> {
  await page.getByTestId("chat").getByRole("tab", { name: agent }).click();
  const before = await answers(page).count();
  await say(page, words);
  await expect.poll(() => mine(page).last().innerText(), PATIENT).toContain(words);
  await expect.poll(() => answers(page).count(), PATIENT).toBeGreaterThan(before);
  await expect.poll(() => answers(page).last().getAttribute("data-status"), PATIENT).toBe("completed");
  return answers(page).last();
}

/** Exactly the late invoices, neither one more nor one less. */
async function shownInFull(answer: Locator): Promise<void> {
  await answer.getByText(`${LATE.length} rows`).waitFor(PATIENT);
  await answer.getByRole("button", { name: /^Show .* more$/ }).click();
  const heads = await answer.locator("thead th").allInnerTexts();
  const place = heads.findIndex((head) => /\binvoice$/.test(head)) + 1;
  const rows = answer.locator(`tbody tr > :nth-child(${place})`);
  await expect.poll(() => rows.count()).toBe(LATE.length);
  expect((await rows.allInnerTexts()).sort()).toEqual([...LATE].sort());
}

async function session(part = ""): Promise<Record<string, unknown>> {
  const id = new URL(page.url()).pathname.split("/")[2];
  return page.evaluate(async (path) => (await fetch(path)).json(), `/api/v1/sessions/${id}${part}`);
}

/** Numbers for every number, a day for every date; what is optional stays open. */
async function answerAll(known: Readonly<Record<string, string>>): Promise<void> {
  const form = main().getByTestId("questions");
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

test("1: the session has all three blocks and four not_started", async () => {
  const areas = ["content", "insights", "operations", "business_outcomes"];
  for (const area of areas) {
    const step = page.getByTestId(`area-${area}`);
    expect(await step.getAttribute("data-status")).toBe("not_started");
    expect(await step.innerText()).toMatch(/not started/i);
  }
  const { orchestrator_states, orchestrator_context, conversations } = await session();
  expect(Object.values(orchestrator_states as object)).toEqual(Array(4).fill("not_started"));
  const blocks = { active_orchestrators: [], enabling_services: {}, workflow_delegation_chain: [] };
  expect(orchestrator_context).toEqual(blocks);
  expect(Object.keys(conversations as object)).toHaveLength(5);
});

test("2: a chat with the Guide, a reload, and the history is there", async () => {
  const answer = await ask(/Guide/, "What can you do for me?");
  const text = await answer.innerText();
  expect(text.length).toBeGreaterThan(40);
  await page.reload();
  await live(page);
  await expect.poll(() => mine(page).allInnerTexts()).toHaveLength(1);
  expect(await mine(page).first().innerText()).toContain("What can you do for me?");
  expect(await answers(page).first().innerText()).toBe(text);
});

test('3: "I want to upload and analyze my business data" leads to Content', async () => {
  await open("insights");
  await page.getByRole("heading", { level: 1, name: "Insights" }).waitFor();
  const answer = await ask(/Guide/, "I want to upload and analyze my business data");
  expect(await answer.innerText()).toContain("Upload files in Content");
  await answer.getByRole("button", { name: "Open Content" }).click();
  await page.getByRole("heading", { level: 1, name: "Content" }).waitFor();
  await main().getByRole("button", { name: "Choose files" }).waitFor();
});

test("4: an upload is a row in the dashboard, and its orchestrator is ContentAnalysisOrchestrator", async () => {
  await upload(page, await temporaryFile("receivables.csv", RECEIVABLES));
  await parsed("receivables.csv").waitFor(PATIENT);
  expect(await fileRow(page, "receivables.csv").innerText()).toContain("5,000");
  await expect.poll(() => page.getByTestId("area-content").getAttribute("data-status")).toBe("completed");
  await fileRow(page, "receivables.csv").getByRole("link").first().click();
  await main().getByRole("tab", { name: "Provenance" }).click();
  await main().getByTestId("provenance").getByText("ContentAnalysisOrchestrator").first().waitFor();
  await page.getByRole("link", { name: "All files" }).click();
});

test("5: binary data without a copybook asks for it; with it there are records and a preview", async () => {
  const data = gunzipSync(await readFile(join(SAMPLES, "policies.dat.gz")));
  await upload(page, join(SAMPLES, "policies.cpy"));
  await parsed("policies.cpy").waitFor(PATIENT);
  await upload(page, await temporaryFile("policies.dat", data));
  const form = main().getByTestId("copybook-choice");
  await form.getByText("policies.dat holds binary data").waitFor(PATIENT);
  await page
    .getByTestId("chat")
    .getByRole("tab", { name: /Content/ })
    .click();
  await page.getByRole("button", { name: "Go to the form" }).click();
  expect(await page.getByTestId("copybook-choice").count()).toBe(1);
  expect(await form.locator(":focus").count()).toBe(1);
  await form.getByText("policies.cpy").click();
  await form.getByRole("button", { name: "Read the records" }).click();
  await parsed("policies.dat").waitFor(PATIENT);
  await fileRow(page, "policies.dat").getByRole("link").first().click();
  await page.getByTestId("data-grid").getByText("40000007").waitFor();
  await page.getByRole("link", { name: "All files" }).click();
});

test('6: "What file types did I upload?" is answered from the real files', async () => {
  const answer = await ask(/Content/, "What file types did I upload?");
  const rows = await answer.locator("tbody tr").allInnerTexts();
  const told = rows.map((row) => row.split(/\s+/).slice(0, 2).join(" ")).sort();
  expect(told).toEqual(["policies.cpy copybook", "policies.dat records", "receivables.csv csv"]);
});

test('7: "Show me customers who are more than 90 days late" gives exactly those rows', async () => {
  await open("insights");
  await page.getByTestId("source").selectOption({ label: "receivables.csv" });
  await page.getByTestId("drill-question").fill("Show me customers who are more than 90 days late");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await shownInFull(page.getByTestId("answer"));

  const told = await ask(/Insights/, "Show me customers who are more than 90 days late");
  expect(await told.innerText()).toContain(`of ${LATE.length} rows`);
  await told.getByRole("button", { name: "Open all rows" }).click();
  await shownInFull(main().getByTestId("artifact-view"));
  await page.reload();
  await live(page);
  await shownInFull(main().getByTestId("artifact-view"));

  await open("insights");
  await page.getByRole("button", { name: "Analyse receivables.csv" }).click();
  await page.getByTestId("finding").first().waitFor(PATIENT);
  seen.statements = (await page.getByTestId("finding").allInnerTexts()).flatMap((text) =>
    text.split("\n").filter((line) => line.length > 40 && /\d/.test(line)),
  );
  expect(seen.statements.length).toBeGreaterThan(3);
});

test("8: SOP and workflow, each from the other; both give a blueprint, and the chat says the page's score", async () => {
  await open("content");
  await upload(page, join(SAMPLES, "refund_sop.md"), join(SAMPLES, "refund_process.bpmn"));
  for (const name of ["refund_sop.md", "refund_process.bpmn"]) await parsed(name).waitFor(PATIENT);
  await open("operations");
  const press = (name: string) => main().getByRole("button", { name, exact: true }).click(PATIENT);
  const drawn = page.getByTestId("panel-workflow_model").locator('[data-testid="diagram"][data-state="ready"]');
  await press("Read the diagram");
  await drawn.waitFor(PATIENT);
  await press("Write the SOP");
  await page.getByTestId("panel-sop").getByRole("listitem").first().waitFor(PATIENT);
  await press("Read the procedure");
  await press("Draw this SOP");
  const choice = main()
    .locator(".pair-choices label")
    .filter({ hasText: /^Workflow/ })
    .locator("select");
  await expect.poll(() => choice.locator("option").count(), PATIENT).toBe(2);
  await drawn.waitFor(PATIENT);
  await choice.selectOption({ index: 0 });
  await press("Compare SOP and workflow");
  const blueprint = page.getByTestId("panel-blueprint");
  await blueprint.waitFor(PATIENT);
  seen.score = await page.getByTestId("score").innerText();
  seen.gaps = await page.getByTestId("gaps").getByRole("listitem").count();
  const answer = await ask(/Operations/, "What's the coexistence score?");
  expect(await answer.innerText()).toContain(`coexistence score is ${seen.score} of 100`);
});

test("9: the summaries contain numbers from Content, Insights and Operations", async () => {
  await open("business_outcomes");
  await page.getByRole("button", { name: "Sum it up" }).click();
  const summary = page.getByTestId("summary");
  await summary.getByText(`score ${seen.score}`).first().waitFor(PATIENT);
  const told = await summary.innerText();
  expect(told).toContain("receivables.csv: 5,000 rows");
  expect(seen.statements.filter((statement) => told.includes(statement.trim()))).not.toEqual([]);
});

test('10: "Generate the final roadmap and POC proposal" gives at least two phases and objectives from the findings', async () => {
  await ask(/Outcomes/, "Generate the final roadmap and POC proposal");
  await main().getByText("How many people work on it in all?").waitFor(PATIENT);
  await server.kill();
  await server.start();
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached", ...PATIENT });
  await answerAll({ "in all": "4", together: "2" });
  await main().getByText("Which discount rate do you use?").waitFor(PATIENT);
  const team = { "part of the proof": "all", "which currency": "EUR", "person-day": "800", "come once": "12000" };
  const money = { "running it": "5000", "bring a year": "90000", discount: "10", "how many years": "4" };
  await answerAll({ ...team, ...money });
  const proposal = main().getByTestId("proposal");
  await proposal.getByTestId("objective").first().waitFor(PATIENT);
  const objectives = (await proposal.getByTestId("objective").allInnerTexts()).join("\n");
  expect(seen.statements.filter((statement) => objectives.includes(statement.trim()))).not.toEqual([]);
  const figures = await proposal.getByTestId("key-figures").innerText();
  await main().getByRole("tab", { name: "Roadmap" }).click();
  await main().getByTestId("timeline").waitFor();
  expect(await main().getByTestId("phase").count()).toBeGreaterThanOrEqual(2);
  const percent = /Return on investment\s+([\d.,]+ %)/.exec(figures)?.[1] ?? "no return on investment";
  const roi = await ask(/Outcomes/, "what is the ROI?");
  expect(await roi.innerText()).toContain(percent);
}, 90_000);

test("11: of five uploads at once all five are in the session, also in a second tab and after a reload", async () => {
  await open("content");
  const before = await page.getByTestId("file-row").count();
  const names = [1, 2, 3, 4, 5].map((number) => `branch ${number}.csv`);
  const paths = names.map((name, number) => temporaryFile(name, `branch,sales\n${name},${number}\nx,3\n`));
  const other = await openTab(context, page.url());
  await live(other.page);
  await upload(page, ...(await Promise.all(paths)));
  for (const name of names) await parsed(name).waitFor(PATIENT);
  await expect.poll(() => other.page.getByTestId("file-row").count()).toBe(before + 5);
  await other.page.reload();
  await expect.poll(() => other.page.getByTestId("file-row").count()).toBe(before + 5);
  expect(other.problems).toEqual([]);
  await other.page.close();
  const { files } = await session("/files");
  const branches = (files as { name: string; workflow_id: string }[]).filter((file) => names.includes(file.name));
  expect(new Set(branches.map((file) => file.workflow_id)).size).toBe(5);
});

test("12: the server is killed in the middle of a parse: it resumes, or says that it failed", async () => {
  const path = await largeTable(250_000);
  const name = path.split("/").at(-1) ?? "";
  await upload(page, path);
  const card = main().getByTestId("workflow-card").filter({ hasText: name });
  await card.locator('[data-testid="workflow-step"][data-status="processing"]').first().waitFor();
  await server.kill("SIGKILL");
  await expect.poll(() => page.getByTestId("connection").getAttribute("data-state")).not.toBe("live");
  await server.start();
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached", ...PATIENT });
  await until(
    async () => /parsed|rejected|uploaded/.test((await fileRow(page, name).getAttribute("data-status")) ?? ""),
    "the file says what became of it",
    40_000,
  );
  const status = await fileRow(page, name).getAttribute("data-status");
  if (status === "parsed") expect(await fileRow(page, name).innerText()).toContain("250,000");
  else expect(await main().innerText()).toMatch(/failed|could not/i);
});
