import type { Environment, Signal } from "../environment";
// Loaded beforehand: the tests' clock does not wait for a part of the page.
import "../open_session";
import { FakeChannels, FakeLocks, FakeTab } from "./browser";
import { ManualClock, settle } from "./clock";
import { FakeServer } from "./server";

/** A browser with a server: what several tabs share. */
export class FakeWorld {
  readonly clock = new ManualClock();
  readonly server = new FakeServer();
  readonly locks = new FakeLocks();
  readonly channels = new FakeChannels();
  readonly signals = new Set<(signal: Signal) => void>();
  isOnline = true;
  indexedDB: IDBFactory | null = null;
  #ids = 0;

  /** What one tab's client gets. Animation frames come every 16 ms. */
  environment(tab: FakeTab = new FakeTab(this.clock), more: Partial<Environment> = {}): Environment {
    return {
      fetch: this.server.fetch,
      timers: tab.timers,
      random: () => 0.5,
      newId: (prefix) => {
        this.#ids += 1;
        return `${prefix}_${String(this.#ids).padStart(8, "0")}`;
      },
      online: () => this.isOnline,
      visible: () => tab.visible,
      nextFrame: (run) => tab.timers.after(16, run),
      listen: (heard) => {
        this.signals.add(heard);
        return () => this.signals.delete(heard);
      },
      indexedDB: this.indexedDB,
      locks: this.locks.manager(tab),
      channel: this.channels.opener(tab),
      newUpload: () => {
        throw new Error("this test uploads nothing");
      },
      ...more,
    };
  }

  signal(signal: Signal): void {
    for (const heard of [...this.signals]) heard(signal);
  }

  /** Everything that follows from what was done, and the frame after it. */
  async frame(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) {
      await settle();
      await this.clock.advance(16);
    }
  }
}
