import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { BACKOFF_MOST_MS, Feed } from "./feed";
import { Mirror } from "./mirror";
import { ManualClock, seeded, settle } from "./testing/clock";
import { chat, EPOCH, folded } from "./testing/log";
import { frameText, type ServerStream, StreamServer } from "./testing/streams";

const LOG = chat(120);
const SNAPSHOTS = LOG.map((_, at) => folded(LOG.slice(0, at + 1)));
const BAD_STREAMS = 40;

/** What a bad way to the server makes of its frames: lost, doubled, swapped and cut, in pieces of any size. */
class BadWay {
  readonly server = new StreamServer();
  readonly #random: () => number;
  streams = 0;

  constructor(random: () => number) {
    this.#random = random;
    const open = this.server.fetch;
    this.fetch = async (url, init) => {
      const response = await open(url, init);
      this.#serve(this.server.stream);
      return response;
    };
  }

  readonly fetch: StreamServer["fetch"];

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #serve(stream: ServerStream): void {
    this.streams += 1;
    const bad = this.streams <= BAD_STREAMS;
    const frames = this.#frames(stream.cursor, bad);
    if (bad) this.#spoil(frames);
    const lineEnd = this.#random() < 0.3 ? "\r\n" : "\n";
    const bytes = new TextEncoder().encode(`retry: 1500\n\n: hello\n\n${frames.join("")}`.replaceAll("\n", lineEnd));
    const end = bad ? this.#below(bytes.length + 1) : bytes.length;
    for (let at = 0; at < end; ) {
      const next = Math.min(end, at + 1 + this.#below(bad ? 40 : 4_000));
      stream.write(bytes.slice(at, next));
      at = next;
    }
    if (!bad) return;
    if (this.#random() < 0.5) stream.end();
    else stream.fail();
  }

  #frames(cursor: string | null, bad: boolean): string[] {
    const head = bad ? 1 + this.#below(LOG.length) : LOG.length;
    const [epoch, seq] = cursor?.split(".") ?? [];
    const known = epoch === EPOCH && Number(seq) <= head;
    const from = known ? Number(seq) : 1 + this.#below(head);
    const start = {
      v: 1,
      epoch: EPOCH,
      seq: from,
      reason: cursor === null ? "start" : "rewound",
      session: SNAPSHOTS[from - 1],
    };
    const frames = [
      known
        ? frameText("resume", { v: 1, epoch: EPOCH, after: from, head })
        : frameText("snapshot", start, `${EPOCH}.${from}`),
    ];
    for (let at = from; at < head; ) {
      const to = Math.min(head, at + 1 + this.#below(16));
      frames.push(frameText("events", LOG.slice(at, to), `${EPOCH}.${to}`));
      at = to;
    }
    return frames;
  }

  #spoil(frames: string[]): void {
    for (let times = this.#below(4); times > 0; times -= 1) {
      const at = 1 + this.#below(frames.length);
      const other = 1 + this.#below(frames.length);
      const frame = frames[at];
      const swapped = frames[other];
      if (frame === undefined || swapped === undefined) continue;
      const what = this.#random();
      if (what < 0.3) frames.splice(at, 1);
      else if (what < 0.6) frames.splice(other, 0, frame);
      else [frames[at], frames[other]] = [swapped, frame];
    }
  }
}

test.each(Array.from({ length: 25 }, (_, seed) => seed + 1))(
  "seed %i: every replica is a true one, and the last is the whole log",
  async (seed) => {
    const random = seeded(seed);
    const clock = new ManualClock();
    const way = new BadWay(random);
    let untrue = 0;
    const mirror = new Mirror((_, after) => {
      if (!isDeepStrictEqual(after, SNAPSHOTS[after.seq - 1])) untrue += 1;
    });
    const environment = { fetch: way.fetch, timers: clock, random, online: () => true };
    const feed = new Feed({ url: "/events", sink: mirror, environment, onChange: () => {} });
    feed.start();
    for (let turn = 0; turn < 3 * BAD_STREAMS && mirror.replica?.seq !== LOG.length; turn += 1) {
      await clock.advance(BACKOFF_MOST_MS);
      await settle();
    }
    feed.stop();
    expect(untrue).toBe(0);
    expect(mirror.session?.seq).toBe(LOG.length);
    expect(way.streams).toBeLessThanOrEqual(BAD_STREAMS + 5);
  },
);
