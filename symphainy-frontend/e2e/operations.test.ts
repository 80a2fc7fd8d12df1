/** Operations in a real browser: a procedure and a diagram become a blueprint, and the chat says the same number as the page. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { expectAccessible } from "./browser";
import { openDesk } from "./desk";
import { answers, live, say, temporaryFile, upload } from "./page";

const SAMPLES = fileURLToPath(new URL("../../src/symphainy/samples/", import.meta.url));
const PATIENT = { timeout: 20_000 };
const PICTURES = process.env.PICTURES;

const desk = openDesk({ server: "for each test" });

async function picture(name: string) {
  if (PICTURES) await desk.tab.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: false });
}

/** The same, in the dark and on a phone. */
async function pictures(name: string) {
  if (!PICTURES) return;
  const { page } = desk.tab;
  await picture(name);
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(`${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
}

const operations = () =>
  desk.tab.page
    .getByRole("link", { name: /^Operations/ })
    .first()
    .click();

test("SOP and workflow become a blueprint, and the chat says the same score as the page", async () => {
  const { page } = desk.tab;
  const sop = await temporaryFile("refund_sop.docx", await readFile(join(SAMPLES, "refund_sop.docx")));
  const bpmn = await temporaryFile("refund_process.bpmn", await readFile(join(SAMPLES, "refund_process.bpmn")));
  await upload(page, sop, bpmn);
  await expect.poll(() => page.locator('[data-testid="file-row"][data-status="parsed"]').count(), PATIENT).toBe(2);
  await operations();
  await picture("entrances");
  await page.getByRole("button", { name: "Read the procedure" }).click();
  await page.getByTestId("panel-sop").waitFor();
  await page.getByText("There is no workflow yet").waitFor();
  await picture("missing-workflow");
  await page.getByRole("button", { name: "Read the diagram" }).click();
  await page.locator('[data-testid="diagram"][data-state="ready"]').first().waitFor();
  expect(await page.getByTestId("panel-workflow_model").locator(".djs-shape").count()).toBeGreaterThan(10);
  await pictures("side-by-side");
  await page.getByRole("button", { name: "Compare SOP and workflow" }).click();
  await page.getByTestId("panel-blueprint").waitFor();
  const score = await page.getByTestId("score").innerText();
  await expect.poll(() => page.getByTestId("panel-blueprint").locator('[data-state="ready"]').count(), PATIENT).toBe(1);
  for (const part of ["score", "gaps-title", "aligned-title", "who-title", "future-title"]) {
    await page.locator(part === "score" ? ".fit" : `#${part}`).scrollIntoViewIfNeeded();
    await page.locator(part === "score" ? ".fit" : `#${part}`).evaluate((element) => element.scrollIntoView());
    await pictures(`blueprint-${part}`);
  }
  await expectAccessible(page);
  await page.getByRole("tab", { name: /Operations liaison/ }).click();
  await say(page, "What's the coexistence score?");
  await answers(page)
    .filter({ hasText: `coexistence score is ${score} of 100` })
    .first()
    .waitFor();
  await pictures("score-in-chat");
  await page.setViewportSize({ width: 390, height: 844 });
  await page
    .getByTestId("panel-blueprint")
    .scrollIntoViewIfNeeded()
    .catch(() => undefined);
  await pictures("phone");

  // On a phone that shows the chat, the diagram has no place yet.
  await page.goto(`${page.url().split("?")[0]}?chat`);
  await page.locator('[data-testid="diagram"][data-state="ready"]').first().waitFor({ state: "attached" });
  await page.getByRole("link", { name: "Areas" }).click();
  const shape = page.getByTestId("panel-workflow_model").locator(".djs-shape").first();
  await expect.poll(async () => (await shape.boundingBox())?.width ?? 0).toBeGreaterThan(20);
});

test("a procedure is written in the chat, shown as it grows, and survives a reload and a killed server", async () => {
  const { page } = desk.tab;
  await operations();
  await page.getByRole("button", { name: "Write it together" }).click();
  const told = ["Customer onboarding", "To win customers", "skip", "clerk and manager"];
  for (const words of told) {
    await expect.poll(() => page.getByTestId("wizard").count(), PATIENT).toBe(1);
    const before = await answers(page).count();
    await say(page, words);
    await expect.poll(() => answers(page).count(), PATIENT).toBe(before + 1);
  }
  await say(page, "The clerk checks the form in SAP, then the manager approves the contract");
  const steps = page.getByTestId("wizard").getByTestId("steps").getByRole("listitem");
  await expect.poll(() => steps.count(), PATIENT).toBe(2);
  await pictures("wizard");
  await page.reload();
  await live(page);
  await expect.poll(() => steps.count(), PATIENT).toBe(2);
  await desk.server.kill();
  await desk.server.start();
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached", timeout: 40_000 });
  await page.getByRole("tab", { name: /Operations liaison/ }).click();
  await say(page, "change step 1 to The clerk verifies the identity");
  await page.getByTestId("wizard").getByText("Verify the identity").waitFor();
  await say(page, "done");
  await page.getByTestId("wizard").locator(".wizard-now").filter({ hasText: "Review" }).waitFor();
  await expectAccessible(page);
  await say(page, "save");
  await page.getByTestId("panel-sop").getByText("Verify the identity").waitFor();
  await expect.poll(() => page.getByTestId("wizard").count(), PATIENT).toBe(0);
});

const RETURNS = `# Returns

## Procedure

1. The clerk receives the parcel.
2. Inspect the parcel:
   - The clerk checks the packaging.
   - The clerk checks the serial number.
3. At the same time:
   a) The accountant credits the customer.
   b) The clerk puts the item back on the shelf.
4. Wait 3 days.
5. The clerk informs the customer.
`;

test("sub-steps and what is done at the same time stay so in the procedure and in its diagram", async () => {
  const { page } = desk.tab;
  await upload(page, await temporaryFile("returns.md", RETURNS));
  await expect.poll(() => page.locator('[data-testid="file-row"][data-status="parsed"]').count(), PATIENT).toBe(1);
  await operations();
  await page.getByRole("button", { name: "Read the procedure" }).click();
  const steps = page.getByTestId("panel-sop").getByTestId("steps");
  await steps.waitFor();
  const beside = steps.locator('> li[data-parts="parallel"]');
  await expect.poll(() => beside.locator("li").count()).toBe(2);
  expect(await steps.locator("> li").count()).toBe(5);
  await page.getByRole("button", { name: "Draw the workflow" }).click();
  const diagram = page.locator('[data-testid="diagram"][data-state="ready"]').first();
  await diagram.waitFor();
  const drawn = (id: string) => diagram.locator(`[data-element-id^="${id}"]`).count();
  await expect.poll(() => drawn("Frame_1")).toBeGreaterThan(0);
  expect(await drawn("Timer_1")).toBeGreaterThan(0);
  expect(await diagram.locator(".djs-shape[data-element-id^=Gateway_]:not([data-element-id$=_label])").count()).toBe(2);
  await pictures("nested");
  await expectAccessible(page);
});
