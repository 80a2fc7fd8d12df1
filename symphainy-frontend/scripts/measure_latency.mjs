// A page on one server, messages through another: CHROMIUM=... node scripts/measure_latency.mjs URL-OF-THE-PAGE URL-OF-THE-SENDER COUNT
// Prints one line of JSON: milliseconds from sending each message to its text being in the page.
import { chromium } from "playwright-core";

const [shown, sender, count] = process.argv.slice(2);
const { CHROMIUM: executablePath } = process.env;
if (!shown || !sender || !count || !executablePath) {
  console.error(
    "usage: CHROMIUM=/usr/bin/chromium node scripts/measure_latency.mjs URL-OF-THE-PAGE URL-OF-THE-SENDER COUNT",
  );
  process.exit(2);
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
await page.goto(shown);
await page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached" });

// When each text came into the document, by the machine's clock, which both processes go by.
await page.evaluate(() => {
  window.seen = {};
  const look = () => {
    const at = Date.now();
    for (const [mark] of document.body.innerText.matchAll(/mark-\d+-end/g)) window.seen[mark] ??= at;
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
});

const session = new URL(page.url()).pathname.split("/")[2];
const cookie = (await context.cookies()).map((item) => `${item.name}=${item.value}`).join("; ");
const headers = { cookie, origin: sender, "content-type": "application/json" };
const sent = {};
for (let number = 0; number < Number(count); number += 1) {
  const mark = `mark-${number}-end`;
  sent[mark] = Date.now();
  const answer = await fetch(`${sender}/api/v1/sessions/${session}/conversations/guide_agent/messages`, {
    method: "POST",
    headers,
    body: JSON.stringify({ message_id: `message-${number}-measured`, content: `${mark} what have I got so far?` }),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  await pause(100 + Math.random() * 300);
}
await page.waitForFunction((wanted) => Object.keys(window.seen).length >= wanted, Number(count), { timeout: 20_000 });
const seen = await page.evaluate(() => window.seen);
console.log(JSON.stringify(Object.keys(sent).map((mark) => seen[mark] - sent[mark])));
await browser.close();
