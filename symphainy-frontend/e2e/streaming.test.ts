/** In the middle of an answer: reload, stop, and a killed server. */
import { beforeEach, expect, test } from "vitest";
import { openDesk } from "./desk";
import { answers, live, say } from "./page";

const desk = openDesk({ server: "for each test", scripted: true });
beforeEach(async () => {
  await say(desk.tab.page, "what next?");
  await answers(desk.tab.page).getByText("word5 ").waitFor();
});

async function words(): Promise<string[]> {
  return (await answers(desk.tab.page).first().innerText()).match(/word\d+/g) ?? [];
}

const ALL = Array.from({ length: 120 }, (_, n) => `word${n + 1}`);

test("an answer goes on over a reload, whole and without a word twice", async () => {
  await desk.tab.page.reload();
  await live(desk.tab.page);
  await expect.poll(words, { timeout: 20_000 }).toEqual(ALL);
});

test("stop ends the answer at once and keeps what was said", async () => {
  await desk.tab.page.getByRole("button", { name: /stop/i }).first().click();
  await desk.tab.page.getByTestId("run-end").waitFor();
  const kept = await words();
  expect(kept.length).toBeGreaterThan(3);
  expect(kept.length).toBeLessThan(120);
  expect(kept).toEqual(ALL.slice(0, kept.length));
});

test("a killed server answers again when it is back, once", async () => {
  await desk.server.kill();
  await desk.server.start();
  await live(desk.tab.page);
  await expect.poll(words, { timeout: 25_000 }).toEqual(ALL);
  expect(await answers(desk.tab.page).count()).toBe(1);
});
