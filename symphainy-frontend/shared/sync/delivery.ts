/** Commands whose answer may be lost on its way: sent again as they are, with the ids that the client made, until one comes. */

import type { Cancel, Environment } from "./environment";
import { isUnanswered } from "./problem";

/** After so long without an answer the user is told, and decides. */
export const GIVEN_UP_MS = 30_000;
const RETRY_FIRST_MS = 400;
const RETRY_MOST_MS = 5_000;

export class Delivery {
  readonly #environment: Pick<Environment, "timers" | "random">;
  readonly #waiting = new Set<() => void>();

  constructor(environment: Pick<Environment, "timers" | "random">) {
    this.#environment = environment;
  }

  /** The way to the server seems to be free: what waits is tried at once. */
  kick(): void {
    for (const go of [...this.#waiting]) go();
  }

  /** Resolves and rejects with the answer; rejects with `unreachable` if there was none for GIVEN_UP_MS. `send` must be the same each time. */
  async deliver<T>(send: () => Promise<T>): Promise<T> {
    const { timers, random } = this.#environment;
    const end = timers.now() + GIVEN_UP_MS;
    for (let most = RETRY_FIRST_MS; ; most = Math.min(RETRY_MOST_MS, most * 2)) {
      try {
        return await send();
      } catch (error) {
        if (!isUnanswered(error) || timers.now() >= end) throw error;
        await this.#pause(Math.max(error.retryAfterMs ?? 0, most * (0.5 + random() / 2)));
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      const go = () => {
        cancel();
        this.#waiting.delete(go);
        resolve();
      };
      cancel = this.#environment.timers.after(ms, go);
      this.#waiting.add(go);
    });
  }
}
