/** What a file's tests work at: a browser, a real server, and for each test a visitor of its own who has come in. */
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launch, openTab, type Watched } from "./browser";
import { enter } from "./page";
import { TestServer } from "./server";

export interface Desk {
  readonly browser: Browser;
  readonly server: TestServer;
  readonly context: BrowserContext;
  readonly tab: Watched;
}

interface Options {
  /** Tests that kill it, or fill it, have one each. */
  readonly server: "for each test" | "for all tests";
  readonly scripted?: boolean;
  readonly viewport?: BrowserContextOptions["viewport"];
}

/** Registers the hooks. A test fails when its tab has recorded what must never happen. */
export function openDesk({ server, scripted, viewport }: Options): Desk {
  const desk: Partial<{ -readonly [Key in keyof Desk]: Desk[Key] }> = {};
  const settings = scripted ? { scripted } : {};
  const alone = server === "for each test";
  beforeAll(async () => {
    desk.browser = await launch();
    if (!alone) desk.server = await TestServer.start(settings);
  });
  afterAll(async () => {
    await desk.browser?.close();
    if (!alone) await desk.server?.stop();
  });
  beforeEach(async () => {
    if (alone) desk.server = await TestServer.start(settings);
    const { browser, server } = desk as Desk;
    desk.context = await browser.newContext(viewport ? { viewport } : {});
    desk.tab = await openTab(desk.context, server.url);
    await enter(desk.tab.page);
  });
  afterEach(async () => {
    await desk.context?.close();
    if (alone) await desk.server?.stop();
    expect(desk.tab?.problems).toEqual([]);
  });
  return desk as Desk;
}
