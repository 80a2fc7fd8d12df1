import type { Cancel, Timers } from "../environment";

/** Lets every promise that is settled have its say; no time passes. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A clock that a test moves by hand. */
export class ManualClock implements Timers {
  #now = 1_000_000;
  #next = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Cancel {
    this.#next += 1;
    const key = this.#next;
    this.#timers.set(key, { at: this.#now + ms, run });
    return () => this.#timers.delete(key);
  }

  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer, with everything that follows from each. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let due = this.#due(until); due !== null; due = this.#due(until)) {
      this.#now = Math.max(this.#now, due.at);
      due.run();
      await settle();
    }
    this.#now = until;
    await settle();
  }

  /** The time passes, and nothing of this page runs: it was frozen. */
  skip(ms: number): void {
    this.#now += ms;
  }

  #due(until: number): { at: number; run: () => void } | null {
    const [first] = [...this.#timers]
      .filter(([, timer]) => timer.at <= until)
      .sort(([, one], [, other]) => one.at - other.at);
    if (first === undefined) return null;
    this.#timers.delete(first[0]);
    return first[1];
  }
}

/** mulberry32: seeded, so that a failure can be seen again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
