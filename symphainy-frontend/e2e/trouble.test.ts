/** What goes wrong around a session: links that lead nowhere, commands and uploads while the server is away. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible, openTab } from "./browser";
import { openDesk } from "./desk";
import { enter, fileRow, largeTable, live, temporaryFile, upload } from "./page";

const desk = openDesk({ server: "for all tests" });

const noSession = (page: Page, reason: string) =>
  page.locator(`[data-testid="no-session"][data-reason="${reason}"]`).waitFor();

test("a link to somebody else's session says so, opens nothing, and leads on", async () => {
  const link = desk.tab.page.url();
  const other = await desk.browser.newContext();
  const { page, problems } = await openTab(other, link);
  await noSession(page, "missing");
  expect(page.url()).toBe(link);
  expect(await other.cookies()).toEqual([]);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Start a new session" }).click();
  await enter(page);
  const mine = page.url();
  expect(mine).not.toBe(link);
  await page.goto(link);
  await noSession(page, "missing");
  await page.getByRole("button", { name: "Open my newest session" }).click();
  await enter(page);
  expect(page.url()).toBe(mine);
  await page.goBack();
  expect(problems).toEqual([]);
  await other.close();
});

test("a session that is deleted in another tab says so, and the next one is a click away", async () => {
  const other = await openTab(desk.context, desk.tab.page.url());
  await enter(other.page);
  await other.page.getByTestId("session-menu").click();
  await other.page.getByRole("button", { name: /^Delete/ }).click();
  await other.page.getByRole("dialog").getByRole("button", { name: "Delete session" }).click();
  await noSession(desk.tab.page, "deleted");
  await enter(other.page);
  await desk.tab.page
    .getByRole("button", { name: /Open my newest|Start a new/ })
    .first()
    .click();
  await enter(desk.tab.page);
  expect(other.problems).toEqual([]);
});

test("an upload that a killed server cut off goes on by itself, and is kept once", async () => {
  const { page } = desk.tab;
  const network = await desk.context.newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000 };
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", slow);
  const rows = Array.from({ length: 60_000 }, (_, n) => `${n},name ${n},${"x".repeat(40)}`);
  await upload(page, await temporaryFile("cut.csv", `id,name,note\n${rows.join("\n")}`));
  await expect.poll(() => page.getByRole("progressbar").first().getAttribute("aria-valuenow")).not.toBe("0");
  await desk.server.kill();
  await page.locator('[data-testid="upload"][data-status="waiting"]').waitFor();
  await network.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 });
  await desk.server.start();
  await page.locator('[data-testid="file-row"][data-status="parsed"]').waitFor({ timeout: 20_000 });
  expect(await fileRow(page, "cut.csv").count()).toBe(1);
  expect(await page.getByTestId("upload").count()).toBe(0);
});

test("a command that is given while the server is away is waited for, and done when it is back", async () => {
  const { page } = desk.tab;
  await upload(page, await largeTable());
  await page.locator('[data-testid="workflow-step"][data-status="processing"]').first().waitFor();
  await desk.server.kill();
  await page
    .getByTestId("workflow-card")
    .first()
    .getByRole("button", { name: /^Cancel/ })
    .click();
  await page.getByTestId("late").waitFor();
  await desk.server.start();
  await live(page);
  await page.locator('[data-testid="file-row"][data-status="uploaded"]').waitFor();
  expect(await page.getByTestId("failure").count()).toBe(0);
  await expect.poll(() => page.getByTestId("late").count()).toBe(0);
});
