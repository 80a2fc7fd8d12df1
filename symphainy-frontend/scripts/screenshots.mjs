// Pictures of the page for the README, taken from a running server: CHROMIUM=/usr/bin/chromium node scripts/screenshots.mjs URL FOLDER
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM;
if (!url || !folder || !executablePath) {
  console.error("usage: CHROMIUM=/usr/bin/chromium node scripts/screenshots.mjs URL FOLDER");
  process.exit(2);
}

const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const CUSTOMERS = ["Acme Ltd", "Borealis GmbH", "Cobalt & Sons", "Delta Foods", "Ember Oy", "Fjord Line"];
const REGIONS = ["North", "South", "East", "West", "north "];

/** Payments that look like real ones, and are the same at every run. */
function payments(rows) {
  let state = 7;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const day = (offset) => new Date(Date.UTC(2026, 0, 3 + offset)).toISOString().slice(0, 10);
  const lines = ["invoice,customer,region,issued,due,paid,days_late,amount"];
  for (let n = 0; n < rows; n += 1) {
    const issued = Math.floor(random() * 260);
    const late = Math.max(0, Math.round((random() + random() + random() - 1.1) * 40));
    const paid = random() > 0.07;
    const amount = Math.exp(4.5 + 3 * random()).toFixed(2);
    lines.push(
      [
        `INV-${10000 + n}`,
        CUSTOMERS[Math.floor(random() * CUSTOMERS.length)],
        REGIONS[Math.floor(random() ** 1.6 * REGIONS.length)],
        day(issued),
        day(issued + 30),
        paid ? day(issued + 30 + late) : "",
        paid ? late : "",
        amount,
      ].join(","),
    );
  }
  return { name: "payments_2026.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\n")) };
}

const PROCEDURE = {
  name: "reminder_procedure.md",
  mimeType: "text/markdown",
  buffer: Buffer.from(
    "# Reminders for late payments\n\n1. Day 14: a friendly reminder goes out.\n2. Day 30: a call, and a note in the system.\n",
  ),
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] });
const context = await browser.newContext({ viewport: DESK, colorScheme: "light", deviceScaleFactor: 2 });
const page = await context.newPage();
const shot = async (name) => {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
  console.log(join(folder, `${name}.png`));
};
const parsed = (count) =>
  page
    .locator('[data-testid="file-row"][data-status="parsed"]')
    .nth(count - 1)
    .waitFor();

await mkdir(folder, { recursive: true });
await page.goto(url);
await page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached" });
const box = page.getByRole("textbox", { name: /^Message to/ });
await box.fill("I want to understand why customers pay late. Which data should I bring?");
await box.press("Enter");
await page.getByTestId("message-assistant").first().waitFor();
await page.getByTestId("file-input").setInputFiles([PROCEDURE]);
await parsed(1);
await page.getByTestId("file-input").setInputFiles([payments(60_000)]);
await page.locator('[data-testid="workflow-step"][data-status="completed"]').first().waitFor();
await shot("working");
await parsed(2);
await shot("files");
await page
  .getByTestId("chat")
  .getByRole("tab", { name: /content/i })
  .click();
await page.getByRole("link", { name: "payments_2026.csv" }).first().click();
await page.getByTestId("data-grid").waitFor();
await box.fill("How good is the quality of the data?");
await box.press("Enter");
await page.getByTestId("answer-status").filter({ hasText: "Answer ready" }).waitFor();
await shot("preview");
await page.getByRole("tab", { name: "Profile" }).click();
await page.getByTestId("column-card").nth(3).scrollIntoViewIfNeeded();
await page.emulateMedia({ colorScheme: "dark" });
await shot("profile-dark");
await page.setViewportSize(PHONE);
await page.getByRole("link", { name: "All files" }).click();
await shot("phone");
await page.setViewportSize(DESK);
await page.emulateMedia({ colorScheme: "light" });
await page.getByText("Sample data", { exact: true }).click();
await page.getByRole("button", { name: "Use the sample Invoices and late payers" }).click();
await page.locator('[data-testid="file-row"][data-status="parsed"]').filter({ hasText: "receivables.csv" }).waitFor();
await page
  .getByRole("link", { name: /Insights/ })
  .first()
  .click();
await page.getByTestId("source").selectOption({ label: "receivables.csv" });
await page.getByRole("button", { name: "Analyse receivables.csv" }).click();
await page.getByTestId("finding").first().getByTestId("chart").waitFor();
await page
  .getByTestId("chat")
  .getByRole("tab", { name: /insights/i })
  .click();
await box.fill("Which customers are more than 90 days late in receivables.csv?");
await box.press("Enter");
await page.getByText("How I read it").last().waitFor();
await page
  .getByTestId("finding")
  .first()
  .evaluate((element) => element.scrollIntoView());
await shot("insights");
await browser.close();
