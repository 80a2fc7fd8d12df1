/** Content in a real browser: several files at once, sample data, binary data and its copybook, e-mail, checks. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { expectAccessible } from "./browser";
import { openDesk } from "./desk";
import { answers, fileRow, say, temporaryFile, upload } from "./page";

const desk = openDesk({ server: "for all tests" });

const SAMPLES = join(import.meta.dirname, "../../src/symphainy/samples");

test("five files that are dropped at once are all there, each with a workflow of its own", async () => {
  const { page } = desk.tab;
  const names = [1, 2, 3, 4, 5].map((number) => `part ${number}.csv`);
  const carried = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const name of files) transfer.items.add(new File([`a,b\n${name},2\nx,3\n`], name, { type: "text/csv" }));
    return transfer;
  }, names);
  for (const event of ["dragenter", "dragover", "drop"]) {
    await page.locator("#main").dispatchEvent(event, { dataTransfer: carried });
  }
  for (const name of names) {
    await fileRow(page, name).and(page.locator('[data-status="parsed"]')).waitFor({ timeout: 40_000 });
  }
  expect(await page.getByTestId("file-row").count()).toBe(5);
  const files = await page.evaluate(async (id) => {
    return (await (await fetch(`/api/v1/sessions/${id}/files`)).json()).files as { workflow_id: string }[];
  }, new URL(page.url()).pathname.split("/")[2]);
  expect(new Set(files.map((file) => file.workflow_id)).size).toBe(5);
});

test("asked what there is, every file is a link: the first ones at once, the others by one press", async () => {
  const { page } = desk.tab;
  const paths = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => temporaryFile(`part ${n}.csv`, `a,b\n${n},2\n`)));
  await upload(page, ...paths);
  const parsed = page.locator('[data-testid="file-row"][data-status="parsed"]');
  await expect.poll(() => parsed.count(), { timeout: 40_000 }).toBe(6);
  await say(page, "what have I got so far?");
  const sources = answers(page).last().getByRole("list", { name: "This answer is based on" });
  await sources.getByRole("button", { name: "2 more sources" }).press("Enter");
  expect(await sources.getByRole("link").count()).toBe(6);
  expect(await sources.locator("li:nth-child(5) a:focus").count()).toBe(1);
  await expectAccessible(page);
});

test("binary data asks for its copybook, and is read with it", async () => {
  const { page } = desk.tab;
  const data = gunzipSync(await readFile(join(SAMPLES, "policies.dat.gz")));
  await upload(page, await temporaryFile("policies.dat", data));
  await fileRow(page, "policies.dat").getByRole("link").first().click();
  const choice = page.getByTestId("copybook-choice");
  await choice.waitFor();
  await expectAccessible(page);
  const chooser = page.waitForEvent("filechooser");
  await choice.getByRole("button", { name: "Upload a copybook" }).click();
  await (await chooser).setFiles(join(SAMPLES, "policies.cpy"));
  await fileRow(page, "policies.cpy").waitFor();
  await fileRow(page, "policies.dat").getByRole("link").first().click();
  await choice.getByText("policies.cpy").click();
  await choice.getByRole("button", { name: "Read the records" }).click();
  await page.getByTestId("data-grid").getByText("40000007").waitFor();
});

test("an e-mail shows its headers, and its attachment is a file that can be checked", async () => {
  const { page } = desk.tab;
  await page.getByRole("button", { name: "Use it: An e-mail with an attachment" }).click();
  await fileRow(page, "open claims.csv").and(page.locator('[data-status="parsed"]')).waitFor();
  await fileRow(page, "late-claims.eml").getByRole("link").first().click();
  const mail = page.getByTestId("mail");
  await mail.getByText("Karin Huber <karin.huber@example.com>").waitFor();
  await expectAccessible(page);
  await mail.getByRole("link", { name: /open claims.csv/ }).click();
  await page.getByRole("tab", { name: "Checks" }).click();
  await page.getByLabel("Column", { exact: true }).selectOption("reserve");
  await page.getByLabel("Rule", { exact: true }).selectOption("maximum");
  await page.getByLabel("Value", { exact: true }).fill("20000");
  await page.getByRole("button", { name: "Add rule" }).click();
  await page.getByRole("button", { name: "Check this file" }).click();
  await page.getByTestId("checks-summary").waitFor();
  await page.getByText(/reserve is at most 20000: not so in/).waitFor();
  await expectAccessible(page);
});

test("with metadata only, the columns are shown and no value is", async () => {
  const { page } = desk.tab;
  await page.getByLabel(/Read only the metadata/).check();
  await upload(page, await temporaryFile("people.csv", "name,age\nann,31\nbob,47\n"));
  await fileRow(page, "people.csv").and(page.locator('[data-status="parsed"]')).waitFor();
  await fileRow(page, "people.csv").getByRole("link").first().click();
  await page.getByText("Only the metadata was read").waitFor();
  await page.getByRole("tab", { name: "Metadata" }).click();
  await page.getByTestId("metadata").waitFor();
  await page.getByRole("region", { name: "Schema of people" }).getByText("age").waitFor();
  expect(await page.getByText("bob").count()).toBe(0);
});
