/** What a user does and sees, in the words of the page. */
import { randomUUID } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";

export async function enter(page: Page): Promise<void> {
  await page.getByTestId("app").waitFor();
  await live(page);
}

export async function live(page: Page): Promise<void> {
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: "attached", timeout: 20_000 });
}

export function box(page: Page): Locator {
  return page.getByRole("textbox", { name: /^Message to/ });
}

export async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press("Enter");
}

export function mine(page: Page): Locator {
  return page.getByTestId("message-user");
}

export function answers(page: Page): Locator {
  return page.getByTestId("message-assistant");
}

export async function temporaryFile(name: string, content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "symphainy-upload-"));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** A table that takes the server a few seconds: long enough to act in the middle of its workflow. */
export async function largeTable(rows = 600_000): Promise<string> {
  const lines = ["customer,city,amount,days_late,note"];
  for (let n = 0; n < rows; n++) lines.push(`c${n % 9973},city ${n % 61},${(n * 7919) % 100_000}.25,${n % 120},${n}`);
  return temporaryFile(`large-${randomUUID().slice(0, 8)}.csv`, lines.join("\n"));
}

export async function upload(page: Page, ...paths: string[]): Promise<void> {
  await page.getByTestId("file-input").setInputFiles(paths);
}

export function fileRow(page: Page, name: string): Locator {
  return page.getByTestId("file-row").filter({ hasText: name });
}
