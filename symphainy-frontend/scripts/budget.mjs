// The page must show fast and pass a strict content security policy: checks what index.html loads at once.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 95_000;
const web = new URL("../../src/symphainy/web/", import.meta.url);
const page = readFileSync(new URL("index.html", web), "utf8");

const failures = [];
if (/<script(?![^>]*\ssrc=)/.test(page)) failures.push("index.html has an inline script");
if (/<style|\sstyle=|\son\w+=/.test(page)) failures.push("index.html has an inline style or event handler");
if (/(?:src|href)="(?:https?:)?\/\//.test(page)) failures.push("index.html loads from another host");

const loaded = [...page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1]);
if (!loaded.some((path) => path.endsWith(".js"))) failures.push("index.html loads no script: run npm run build");
for (const path of loaded) {
  if (!/-[\w-]{8}\.(?:js|css)$/.test(path)) failures.push(`${path} has no hash in its name`);
}
const sizes = loaded.map((path) => [path, gzipSync(readFileSync(new URL(path, web)), { level: 9 }).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
if (total > BUDGET_BYTES) failures.push(`the entry is ${total} bytes gzip, the budget is ${BUDGET_BYTES}`);

console.log(`entry bundle ${(total / 1000).toFixed(1)} of ${BUDGET_BYTES / 1000} KB gzip`);
for (const failure of failures) console.error(`${fileURLToPath(web)}: ${failure}`);
if (failures.length > 0) {
  for (const [path, size] of sizes) console.error(`  ${size} ${path}`);
  process.exit(1);
}
