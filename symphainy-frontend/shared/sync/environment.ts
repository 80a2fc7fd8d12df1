/** What the sync client takes from its surroundings, so that tests can stand in for every part of it. */

export interface Timers {
  /** Milliseconds of the wall clock. */
  now(): number;
  after(ms: number, run: () => void): Cancel;
}
export type Cancel = () => void;
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface Environment {
  readonly fetch: Fetch;
  readonly timers: Timers;
  /** 0 <= n < 1. */
  readonly random: () => number;
  readonly newId: (prefix: string) => string;
  /** What the browser says of the network; true where nobody knows. */
  readonly online: () => boolean;
  readonly visible: () => boolean;
  /** Calls `run` with the next animation frame; soon, while nothing is painted. */
  readonly nextFrame: (run: () => void) => Cancel;
  /** Tells of `online`, `offline`, `wake` (the page is shown again) and `hide`. */
  readonly listen: (heard: (signal: Signal) => void) => Cancel;
  readonly indexedDB: IDBFactory | null;
  readonly locks: LockManager | null;
  readonly channel: ((name: string) => Channel) | null;
  readonly newUpload: () => XMLHttpRequest;
}
export type Signal = "online" | "offline" | "wake" | "hide";

/** Messages between the tabs of this browser. A tab does not hear itself. */
export interface Channel {
  post(message: unknown): void;
  listen(heard: (message: unknown) => void): void;
  close(): void;
}

export const HIDDEN_FRAME_MS = 250;

const timers: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The browser's own. Parts that a browser lacks are null. */
export function browserEnvironment(): Environment {
  return {
    fetch: (input, init) => fetch(input, init),
    timers,
    random: Math.random,
    newId: (prefix) => `${prefix}_${randomHex()}`,
    online: () => globalThis.navigator?.onLine ?? true,
    visible: () => globalThis.document?.visibilityState !== "hidden",
    nextFrame,
    listen,
    indexedDB: allowed(() => globalThis.indexedDB),
    locks: globalThis.navigator?.locks ?? null,
    channel: typeof BroadcastChannel === "function" ? openChannel : null,
    newUpload: () => new XMLHttpRequest(),
  };
}

/** Where site data is blocked, only looking at some of the browser's parts throws. */
function allowed<T>(part: () => T | undefined): T | null {
  try {
    return part() ?? null;
  } catch {
    return null;
  }
}

/** `crypto.randomUUID` is missing on pages that are not served securely, for example in a local network. */
function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Names one command for as long as it is tried. */
export const newCommandId = randomHex;

/** A hidden page gets no animation frames, and may become hidden while it waits for one. */
function nextFrame(run: () => void): Cancel {
  let cancelTimer: Cancel = () => {};
  const frame = requestAnimationFrame(() => {
    cancelTimer();
    run();
  });
  cancelTimer = timers.after(HIDDEN_FRAME_MS, () => {
    cancelAnimationFrame(frame);
    run();
  });
  return () => {
    cancelAnimationFrame(frame);
    cancelTimer();
  };
}

function listen(heard: (signal: Signal) => void): Cancel {
  if (typeof window === "undefined") return () => {};
  const stop = new AbortController();
  const on = (target: EventTarget, name: string, signal: () => Signal) =>
    target.addEventListener(name, () => heard(signal()), { signal: stop.signal });
  on(window, "online", () => "online");
  on(window, "offline", () => "offline");
  on(window, "pageshow", () => "wake");
  on(window, "pagehide", () => "hide");
  on(document, "visibilitychange", () => (document.visibilityState === "hidden" ? "hide" : "wake"));
  return () => stop.abort();
}

function openChannel(name: string): Channel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen: (heard) => {
      channel.onmessage = (event: MessageEvent<unknown>) => heard(event.data);
    },
    close: () => channel.close(),
  };
}
