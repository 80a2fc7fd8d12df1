/** A new credential, such that a lost answer loses nothing: it is asked for again with the same key, also after a reload. */

import type { Api } from "./api";
import type { Environment } from "./environment";
import { ProblemError } from "./problem";
import type { LocalStorage } from "./storage";

interface Begun {
  readonly sessionId: string;
  readonly key: string;
}

const PLACE = "rotation";
const ATTEMPTS = 5;
const PAUSE_MS = 500;

export class Rotation {
  readonly #api: Api;
  readonly #storage: LocalStorage;
  readonly #environment: Pick<Environment, "newId" | "timers">;

  constructor(api: Api, storage: LocalStorage, environment: Pick<Environment, "newId" | "timers">) {
    this.#api = api;
    this.#storage = storage;
    this.#environment = environment;
  }

  /** Rejects if the server cannot be reached for long; `finish` goes on with it then. */
  async begin(sessionId: string): Promise<void> {
    const begun: Begun = { sessionId, key: this.#environment.newId("rotation") };
    await this.#storage.put("marks", PLACE, begun);
    await this.finish();
  }

  /** To be called before anything else is asked: with the old credential the server answers nothing but this. */
  async finish(): Promise<void> {
    const begun = await this.#storage.get<Begun>("marks", PLACE);
    if (begun === undefined) return;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#api.rotateToken(begun.sessionId, begun.key);
        break;
      } catch (error) {
        if (!(error instanceof ProblemError && error.temporary)) {
          await this.#storage.delete("marks", PLACE);
          throw error;
        }
        if (attempt === ATTEMPTS) throw error;
        await new Promise<void>((resolve) => this.#environment.timers.after(PAUSE_MS * attempt, resolve));
      }
    }
    await this.#storage.delete("marks", PLACE);
  }
}
