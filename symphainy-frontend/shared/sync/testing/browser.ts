import type { Cancel, Channel, Timers } from "../environment";

/** One tab as the browser treats it: while it is frozen its timers, messages and locks' news wait. */
export class FakeTab {
  visible = true;
  #frozen: (() => void)[] | null = null;
  readonly timers: Timers;

  constructor(clock: Timers) {
    this.timers = {
      now: () => clock.now(),
      after: (ms, run): Cancel => {
        let cancelled = false;
        const cancel = clock.after(ms, () => this.run(() => !cancelled && run()));
        return () => {
          cancelled = true;
          cancel();
        };
      },
    };
  }

  run(task: () => void): void {
    if (this.#frozen === null) task();
    else this.#frozen.push(task);
  }

  freeze(): void {
    this.#frozen ??= [];
  }

  thaw(): void {
    const tasks = this.#frozen ?? [];
    this.#frozen = null;
    for (const task of tasks) task();
  }
}

/** BroadcastChannel: to every other tab that has the name open, in order, later. */
export class FakeChannels {
  /** Loses a message for one receiver, if it says so. */
  lose: (message: unknown, to: FakeTab) => boolean = () => false;
  readonly #open = new Set<{ name: string; tab: FakeTab; heard: (message: unknown) => void }>();

  opener(tab: FakeTab): (name: string) => Channel {
    return (name) => {
      const member = { name, tab, heard: (_message: unknown) => {} };
      this.#open.add(member);
      return {
        listen: (heard) => {
          member.heard = heard;
        },
        post: (message) => this.#post(member, structuredClone(message)),
        close: () => this.#open.delete(member),
      };
    };
  }

  #post(from: { name: string }, message: unknown): void {
    for (const member of this.#open) {
      if (member === from || member.name !== from.name || this.lose(message, member.tab)) continue;
      queueMicrotask(() =>
        member.tab.run(() => {
          if (this.#open.has(member)) member.heard(message);
        }),
      );
    }
  }
}

interface Claim {
  readonly tab: FakeTab;
  readonly grant: () => void;
  readonly stolen: () => void;
}

/** Web Locks, exclusive: one holder for each name, others in line, and stealing. */
export class FakeLocks {
  readonly #held = new Map<string, Claim>();
  readonly #line = new Map<string, Claim[]>();

  manager(tab: FakeTab): LockManager {
    const request = (name: string, ...rest: unknown[]) => {
      const [options, callback] = rest.length === 1 ? [{}, rest[0]] : rest;
      return this.#request(tab, name, options as LockOptions, callback as () => Promise<unknown>);
    };
    return { request, query: () => Promise.resolve({}) } as unknown as LockManager;
  }

  #request(tab: FakeTab, name: string, options: LockOptions, callback: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const abort = () => tab.run(() => reject(new DOMException("aborted", "AbortError")));
      const claim: Claim = {
        tab,
        stolen: abort,
        grant: () => {
          this.#held.set(name, claim);
          tab.run(() => {
            Promise.resolve(callback())
              .then(resolve, reject)
              .finally(() => this.#release(name, claim));
          });
        },
      };
      const line = this.#line.get(name) ?? [];
      this.#line.set(name, line);
      options.signal?.addEventListener("abort", () => {
        if (!line.includes(claim)) return;
        line.splice(line.indexOf(claim), 1);
        abort();
      });
      const holder = this.#held.get(name);
      if (options.steal && holder !== undefined) {
        this.#held.delete(name);
        holder.stolen();
      }
      if (this.#held.has(name)) line.push(claim);
      else queueMicrotask(claim.grant);
      if (!this.#held.has(name)) this.#held.set(name, claim);
    });
  }

  #release(name: string, claim: Claim): void {
    if (this.#held.get(name) !== claim) return;
    this.#held.delete(name);
    this.#line.get(name)?.shift()?.grant();
  }
}
