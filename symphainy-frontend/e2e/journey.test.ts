/** The main job in a real browser, against a real server that is killed in the middle. */
import { expect, test } from "vitest";
import { expectAccessible, openTab } from "./browser";
import { openDesk } from "./desk";
import { answers, box, fileRow, largeTable, live, mine, say, temporaryFile, upload } from "./page";
import { until } from "./server";

const desk = openDesk({ server: "for all tests" });

const TABLE = "name,age,city\nann,31,Rome\nbob,,Oslo\ncarl,47,rome \n";

test("the guide answers within a moment, and a reload keeps the conversation", async () => {
  const { page } = desk.tab;
  await say(page, "Help me upload a file");
  await answers(page).first().waitFor();
  const text = await answers(page).first().innerText();
  await page.reload();
  await live(page);
  await expect.poll(() => mine(page).count()).toBe(1);
  expect(await answers(page).first().innerText()).toBe(text);
});

test("a file is uploaded, analysed step by step, and shown", async () => {
  const { page } = desk.tab;
  await upload(page, await temporaryFile("people.csv", TABLE));
  await page.getByTestId("workflow-card").first().waitFor();
  await page.locator('[data-testid="file-row"][data-status="parsed"]').waitFor();
  await fileRow(page, "people.csv").getByRole("link").first().click();
  await page.getByTestId("data-grid").getByText("carl").waitFor();
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toContain("file");
  await page.goBack();
  await fileRow(page, "people.csv").waitFor();
});

test("a reload and a killed server in the middle of a workflow lose nothing, and it finishes", async () => {
  const { page } = desk.tab;
  const path = await largeTable();
  await upload(page, path);
  await page.locator('[data-testid="workflow-step"][data-status="processing"]').first().waitFor();
  await page.reload();
  await page.getByTestId("workflow-card").first().waitFor();
  await desk.server.kill();
  await expect.poll(() => page.getByTestId("connection").getAttribute("data-state")).not.toBe("live");
  await desk.server.start();
  await live(page);
  await page.locator('[data-testid="file-row"][data-status="parsed"]').waitFor({ timeout: 50_000 });
});

test("a second tab sees the same, live", async () => {
  const { page } = desk.tab;
  const other = await openTab(desk.context, page.url());
  await live(other.page);
  await say(page, "what can you do?");
  await answers(other.page).first().waitFor();
  expect(await mine(other.page).first().innerText()).toContain("what can you do?");
  await say(other.page, "thanks");
  await expect.poll(() => mine(page).count()).toBe(2);
  expect(other.problems).toEqual([]);
});

test("a message sent offline is delivered once when the network is back", async () => {
  const { page } = desk.tab;
  await desk.context.setOffline(true);
  await say(page, "sent without a network");
  await mine(page).first().waitFor();
  await page.waitForTimeout(300);
  await desk.context.setOffline(false);
  await answers(page).first().waitFor();
  await page.reload();
  await live(page);
  await answers(page).first().waitFor();
  expect(await mine(page).count()).toBe(1);
});

test("a broken file says why, and the next one works", async () => {
  const { page } = desk.tab;
  await upload(page, await temporaryFile("broken.xlsx", "this is not a workbook"));
  await page.locator('[data-testid="file-row"][data-status="rejected"]').waitFor();
  await upload(page, await temporaryFile("good.csv", TABLE));
  await page.locator('[data-testid="file-row"][data-status="parsed"]').waitFor();
});

test("a workflow is cancelled at once", async () => {
  const { page } = desk.tab;
  await upload(page, await largeTable());
  const card = page.getByTestId("workflow-card").first();
  await page.locator('[data-testid="workflow-step"][data-status="processing"]').first().waitFor();
  await card.getByRole("button", { name: /^Cancel/ }).click();
  await page.locator('[data-testid="file-row"][data-status="uploaded"]').waitFor({ timeout: 2_000 });
  await expect.poll(() => card.count()).toBe(0);
  await page
    .getByTestId("chat")
    .getByRole("tab", { name: /content/i })
    .click();
  await answers(page).filter({ hasText: "I stopped analysing" }).waitFor();
});

test("switching agents loses neither conversation nor draft", async () => {
  const { page } = desk.tab;
  await say(page, "hello");
  await answers(page).first().waitFor();
  await box(page).fill("half a thought");
  const chat = page.getByTestId("chat");
  await chat.getByRole("tab", { name: /content/i }).click();
  expect(await box(page).inputValue()).toBe("");
  await chat.getByRole("tab", { name: /guide/i }).click();
  expect(await box(page).inputValue()).toBe("half a thought");
  expect(await mine(page).count()).toBe(1);
});

test.each(["light", "dark"] as const)("the page has no accessibility violations in the %s theme", async (scheme) => {
  const { page } = desk.tab;
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await say(page, "what next?");
  await answers(page).first().waitFor();
  await upload(page, await temporaryFile("people.csv", TABLE));
  await page.locator('[data-testid="file-row"][data-status="parsed"]').waitFor();
  await expectAccessible(page);
  await fileRow(page, "people.csv").getByRole("link").first().click();
  await page.getByTestId("data-grid").waitFor();
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);
  await page.getByRole("link", { name: /^Chat/ }).click();
  await page.getByTestId("session-menu").click();
  await page.getByTestId("session-row").waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: /^Delete/ }).click();
  await page.getByRole("dialog").waitFor();
  await expectAccessible(page);
});

test("the first answer is visible within 300 ms", async () => {
  const { page } = desk.tab;
  await say(page, "hello");
  await answers(page).first().waitFor();
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const before = await answers(page).count();
    await box(page).fill("what next?");
    const taken = page.evaluate(
      (count) =>
        new Promise<number>((resolve) => {
          const started = performance.now();
          const look = () => {
            const shown = [...document.querySelectorAll('[data-testid="message-assistant"]')];
            if (shown.length > count && (shown.at(-1)?.textContent?.length ?? 0) > 20)
              resolve(performance.now() - started);
            else requestAnimationFrame(look);
          };
          look();
        }),
      before,
    );
    await box(page).press("Enter");
    times.push(await taken);
  }
  times.sort((a, b) => a - b);
  expect(times[2]).toBeLessThan(300);
});

test("nothing secret is in the browser's storage", async () => {
  const { page } = desk.tab;
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  expect(stored).not.toContain("sym_");
  await until(
    async () => (await desk.context.cookies()).some((item) => item.name === "symphainy" && item.httpOnly),
    "cookie",
  );
});
