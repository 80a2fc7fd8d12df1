// A large table in the page, measured as its user meets it: CHROMIUM=... PYTHON=... node scripts/measure_insights.mjs FILE.csv
// Prints one line of JSON: seconds from the upload to the findings, progress seen, milliseconds of questions.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { chromium } from "playwright-core";

const [csv] = process.argv.slice(2);
const { CHROMIUM: executablePath, PYTHON: python } = process.env;
if (!csv || !executablePath || !python) {
  console.error("usage: CHROMIUM=/usr/bin/chromium PYTHON=.venv/bin/python node scripts/measure_insights.mjs FILE.csv");
  process.exit(2);
}

/** A question, and words of its answer. */
const QUESTIONS = [
  ["Which customers are more than 33 days late?", "days_late more than 33"],
  ["average days late per customer", "average days_late for each customer"],
  ["total amount by region", "total amount for each region"],
];
const RESTARTS = 3;

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const url = `http://127.0.0.1:${port}`;
const data = await mkdtemp(join(tmpdir(), "symphainy-measured-"));
let server;

/** Ready, and nothing is being loaded any more. */
async function start() {
  server = spawn(python, ["-m", "symphainy", "serve", "--port", String(port), "--data", data], { stdio: "ignore" });
  for (;;) {
    const metrics = await fetch(`${url}/metrics`).catch(() => null);
    if (metrics?.ok && /^symphainy_understanding_loaded 1/m.test(await metrics.text())) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop() {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await ended;
}

await start();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
page.setDefaultTimeout(180_000);

const live = () => page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached" });

/** Every progress that the page shows, from now on. */
const watchProgress = () =>
  page.evaluate(() => {
    window.seen = new Set();
    const look = () => {
      for (const bar of document.querySelectorAll('[role="progressbar"]'))
        window.seen.add(bar.ariaLabel + bar.ariaValueNow);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  });

/** On the screen. Looked for with every frame: a locator of Playwright looks only every half second after a while. */
const shows = (selector) =>
  page.waitForFunction((selector) => document.querySelector(selector)?.checkVisibility() === true, selector);

/** The findings with their charts: nobody asks before. */
async function read() {
  await page.getByTestId("findings").waitFor();
  await page.waitForFunction(() => {
    const figures = document.querySelectorAll("#main figure.insight-chart").length;
    return document.querySelectorAll("#main figure.insight-chart canvas").length === figures;
  });
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
}

/** Typed as fast as anybody types; the time is that from the Enter key to the answer on the screen. */
async function ask([question, expected]) {
  await page.getByTestId("drill-question").pressSequentially(question, { delay: 25 });
  const shown = page.evaluate(
    ([question, expected]) =>
      new Promise((resolve) => {
        const started = performance.now();
        const look = () => {
          const head = document.querySelector(".drill-head h3")?.textContent;
          const answer = document.querySelector('[data-testid="answer"]')?.textContent ?? "";
          if (head === question && answer.includes(expected)) resolve(performance.now() - started);
          else requestAnimationFrame(look);
        };
        look();
      }),
    [question, expected],
  );
  await page.getByTestId("drill-question").press("Enter");
  return Math.round(await shown);
}

const first = [];
const later = [];
async function askAll() {
  for (const [place, question] of QUESTIONS.entries()) (place === 0 ? first : later).push(await ask(question));
}

try {
  await page.goto(url);
  await live();
  await watchProgress();
  const began = Date.now();
  await page.getByTestId("file-input").setInputFiles(csv);
  await shows('[data-testid="file-row"][data-status="parsed"]');
  await page.getByTestId("area-insights").click();
  await page.getByRole("button", { name: `Analyse ${basename(csv)}` }).click();
  await shows('[data-testid="findings"]');
  const seconds = (Date.now() - began) / 1000;
  const progress = await page.evaluate(() => window.seen.size);
  await read();
  await askAll();
  const restarted = [];
  for (let round = 0; round < RESTARTS; round++) {
    await stop();
    await start();
    await page.reload();
    await live();
    await read();
    const before = first.length;
    await askAll();
    restarted.push(...first.splice(before));
  }
  console.log(JSON.stringify({ seconds, progress, first, restarted, later }));
} finally {
  await browser.close();
  await stop();
  await rm(data, { recursive: true, force: true });
}
