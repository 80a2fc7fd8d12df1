import { expect, test } from "vitest";
import { BACKOFF_FIRST_MS, BACKOFF_MOST_MS, type Connection, Feed, type FeedState, NEXT, WATCHDOG_MS } from "./feed";
import { Mirror } from "./mirror";
import { ManualClock, settle } from "./testing/clock";
import { chat, EPOCH, folded } from "./testing/log";
import { problem, StreamServer } from "./testing/streams";

const LOG = chat(40);

class World {
  readonly clock = new ManualClock();
  readonly server = new StreamServer();
  readonly mirror = new Mirror(() => {});
  readonly states: FeedState[] = [];
  connection: Connection | null = null;
  isOnline = true;
  /** What every random number is: the longest back-off there is. */
  luck = 0.999;
  readonly feed = new Feed({
    url: "/events",
    sink: this.mirror,
    environment: {
      fetch: this.server.fetch,
      timers: this.clock,
      random: () => this.luck,
      online: () => this.isOnline,
    },
    onChange: (connection) => {
      this.connection = connection;
      this.states.push(connection.state);
    },
  });

  get delay(): number {
    return (this.connection?.retry_at ?? Number.NaN) - this.clock.now();
  }

  async start(): Promise<void> {
    this.feed.start();
    await settle();
  }

  async snapshot(seq: number, epoch = EPOCH, reason = "start"): Promise<void> {
    const session = { ...folded(LOG.slice(0, seq)), epoch };
    this.server.stream.frame("snapshot", { v: 1, epoch, seq, reason, session }, `${epoch}.${seq}`);
    await settle();
  }

  async events(from: number, to: number, epoch = EPOCH): Promise<void> {
    this.server.stream.frame("events", LOG.slice(from - 1, to), `${epoch}.${to}`);
    await settle();
  }

  async send(event: string, data: unknown): Promise<void> {
    this.server.stream.frame(event, data);
    await settle();
  }

  async live(seq = 10): Promise<void> {
    await this.start();
    await this.snapshot(seq);
  }
}

const world = () => new World();

test("every state says where every event leads", () => {
  const states: FeedState[] = ["connecting", "live", "waiting", "offline", "ended"];
  const table = Object.fromEntries(states.map((state) => [state, Object.entries(NEXT[state])]));
  const ways = (state: FeedState) =>
    (table[state] ?? []).filter(([, next]) => next !== state).map(([event, next]) => `${event} -> ${next}`);
  expect(ways("connecting")).toEqual([
    "frame -> live",
    "failed -> waiting",
    "refused -> ended",
    "cut -> waiting",
    "dismissed -> ended",
  ]);
  expect(ways("live")).toEqual(["failed -> waiting", "refused -> ended", "cut -> waiting", "dismissed -> ended"]);
  expect(ways("waiting")).toEqual(["due -> connecting", "lost -> offline", "regained -> connecting"]);
  expect(ways("offline")).toEqual(["due -> connecting", "regained -> connecting"]);
  expect(ways("ended")).toEqual([]);
});

test("the first frame makes it live, and entries are folded", async () => {
  const it = world();
  await it.start();
  expect(it.connection?.state).toBe("connecting");
  expect(it.server.stream.cursor).toBeNull();
  await it.snapshot(10);
  await it.events(11, 20);
  expect(it.states).toEqual(["connecting", "live"]);
  expect(it.mirror.session).toEqual(folded(LOG.slice(0, 20)));
});

test("a stream that ends is taken up where it stopped", async () => {
  const it = world();
  await it.live(10);
  await it.events(11, 15);
  it.server.stream.end();
  await it.clock.advance(BACKOFF_FIRST_MS);
  expect(it.states).toEqual(["connecting", "live", "waiting", "connecting"]);
  expect(it.server.stream.cursor).toBe(`${EPOCH}.15`);
  await it.send("resume", { v: 1, epoch: EPOCH, after: 15, head: 20 });
  await it.events(16, 20);
  expect(it.mirror.session).toEqual(folded(LOG.slice(0, 20)));
});

test("entries that are there already are skipped, and entries after a gap are not folded", async () => {
  const it = world();
  await it.live(10);
  await it.events(5, 12);
  expect(it.mirror.session?.seq).toBe(12);
  await it.events(14, 16);
  expect(it.mirror.session?.seq).toBe(12);
  expect(it.connection?.state).toBe("waiting");
  await it.clock.advance(BACKOFF_FIRST_MS);
  expect(it.server.stream.cursor).toBeNull();
  await it.snapshot(16);
  expect(it.mirror.session).toEqual(folded(LOG.slice(0, 16)));
});

test("an entry that cannot be read leads to a snapshot, not to a loop", async () => {
  const it = world();
  await it.live(10);
  await it.send("events", [{ seq: 11, ts: "t", actor: "system", type: "value.patched" }]);
  await it.clock.advance(BACKOFF_FIRST_MS);
  expect(it.server.stream.cursor).toBeNull();
  expect(it.mirror.session?.seq).toBe(10);
});

test("entries of another epoch are never folded", async () => {
  const it = world();
  await it.live(10);
  await it.events(11, 12, "epo_other");
  expect(it.mirror.session?.seq).toBe(10);
  expect(it.mirror.replica).toBeNull();
});

test("a rewound log replaces the replica, though its seq is lower", async () => {
  const it = world();
  await it.live(20);
  it.server.stream.end();
  await it.clock.advance(BACKOFF_FIRST_MS);
  await it.snapshot(7, "epo_2", "rewound");
  expect(it.mirror.session?.seq).toBe(7);
  expect(it.mirror.cursor()).toBe("epo_2.7");
});

test("the back-off doubles up to its limit while nothing comes", async () => {
  const it = world();
  it.luck = 1;
  const delays: number[] = [];
  for (let attempt = 0; attempt < 10; attempt += 1) it.server.answers.push(() => problem(503, "store_unavailable"));
  await it.start();
  for (let attempt = 0; attempt < 9; attempt += 1) {
    delays.push(it.delay);
    await it.clock.advance(it.delay);
  }
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, BACKOFF_MOST_MS, BACKOFF_MOST_MS]);
});

test("the back-off is full jitter: it may be anything down to nothing", async () => {
  const it = world();
  it.luck = 0;
  it.server.answers.push(() => problem(503, "store_unavailable"));
  await it.start();
  expect(it.delay).toBe(0);
});

test("progress resets the back-off, an opened connection does not", async () => {
  const it = world();
  await it.live(10);
  const resumeAndEnd = async () => {
    it.server.stream.end();
    await settle();
    const { delay } = it;
    await it.clock.advance(delay + 1);
    await it.send("resume", { v: 1, epoch: EPOCH, after: 10, head: 10 });
    return Math.round(delay);
  };
  expect([await resumeAndEnd(), await resumeAndEnd(), await resumeAndEnd()]).toEqual([250, 500, 999]);
  await it.events(11, 12);
  expect(await resumeAndEnd()).toBe(250);
});

test("a ping that finds nothing missing is progress", async () => {
  const it = world();
  await it.live(10);
  const endAndResume = async () => {
    it.server.stream.end();
    await settle();
    const { delay } = it;
    await it.clock.advance(delay + 1);
    await it.send("resume", { v: 1, epoch: EPOCH, after: 10, head: 10 });
    return Math.round(delay);
  };
  expect([await endAndResume(), await endAndResume()]).toEqual([250, 500]);
  await it.send("ping", { seq: 10 });
  expect(await endAndResume()).toBe(250);
});

test("retry_ms of a bye and Retry-After are the least to wait", async () => {
  const it = world();
  await it.live();
  await it.send("bye", { reason: "deploy", retry_ms: 700 });
  expect(it.delay).toBe(700);
  it.server.answers.push(() => problem(429, "too_many", { "Retry-After": "5" }));
  await it.clock.advance(700);
  expect(it.connection?.state).toBe("waiting");
  expect(it.delay).toBe(5_000);
});

test("an idle session does not back off further with each rotation of its stream", async () => {
  const it = world();
  await it.live(10);
  for (let rotation = 0; rotation < 10; rotation += 1) {
    await it.send("bye", { reason: "rotate", retry_ms: 100 });
    expect(it.delay).toBeLessThanOrEqual(2 * BACKOFF_FIRST_MS);
    await it.clock.advance(it.delay);
    await it.send("resume", { v: 1, epoch: EPOCH, after: 10, head: 10 });
  }
});

test.each(["auth", "deleted"] as const)("a bye of %s is final", async (reason) => {
  const it = world();
  await it.live();
  await it.send("bye", { reason, retry_ms: 1 });
  expect(it.connection).toMatchObject({ state: "ended", ended: reason, retry_at: null });
  it.feed.wake();
  it.feed.networkChanged(true);
  await it.clock.advance(10 * BACKOFF_MOST_MS);
  expect(it.server.requests).toBe(1);
});

test.each([
  [401, "auth"],
  [403, "auth"],
  [404, "deleted"],
] as const)("an answer of %i ends it: %s", async (status, ended) => {
  const it = world();
  it.server.answers.push(() => problem(status, "no"));
  await it.start();
  await it.clock.advance(10 * BACKOFF_MOST_MS);
  expect(it.connection).toMatchObject({ state: "ended", ended });
  expect(it.server.requests).toBe(1);
});

test("a cursor that the server does not understand is not shown again", async () => {
  const it = world();
  await it.live(10);
  it.server.answers.push(() => problem(400, "invalid_cursor"));
  it.server.stream.end();
  await it.clock.advance(BACKOFF_FIRST_MS);
  await it.clock.advance(2 * BACKOFF_FIRST_MS);
  expect(it.server.stream.cursor).toBeNull();
});

test("silence of 37.5 s ends the stream, and a ping in time does not let it", async () => {
  const it = world();
  await it.live(10);
  await it.clock.advance(WATCHDOG_MS - 1);
  await it.send("ping", { seq: 10 });
  await it.clock.advance(WATCHDOG_MS - 1);
  expect(it.connection?.state).toBe("live");
  await it.clock.advance(1);
  expect(it.connection?.state).toBe("waiting");
  expect(it.server.stream.closed).toBe(true);
});

test("a server that takes the request and never answers is given up", async () => {
  const it = world();
  it.server.answers.push(() => new Promise(() => {}));
  await it.start();
  await it.clock.advance(WATCHDOG_MS);
  expect(it.connection?.state).toBe("waiting");
});

test("a head that the entries do not reach by the next ping is asked for again, from the cursor", async () => {
  const it = world();
  await it.live(10);
  await it.send("ping", { seq: 12 });
  expect(it.connection?.state).toBe("live");
  await it.events(11, 12);
  await it.send("ping", { seq: 13 });
  await it.send("ping", { seq: 13 });
  expect(it.connection?.state).toBe("waiting");
  await it.clock.advance(BACKOFF_FIRST_MS);
  expect(it.server.stream.cursor).toBe(`${EPOCH}.12`);
});

test("waking up connects at once, and does not disturb a live stream", async () => {
  const it = world();
  await it.live(10);
  it.feed.wake();
  await settle();
  expect(it.server.requests).toBe(1);
  it.luck = 1;
  it.server.stream.end();
  await settle();
  it.feed.wake();
  await settle();
  expect(it.server.requests).toBe(2);
});

test("a page that slept with a live stream does not wait for its watchdog", async () => {
  const it = world();
  await it.live(10);
  it.clock.skip(WATCHDOG_MS + 1);
  it.feed.wake();
  expect(it.connection?.state).toBe("waiting");
});

test("without a network it is offline, until the browser says that there is one", async () => {
  const it = world();
  await it.live(10);
  it.isOnline = false;
  it.feed.networkChanged(false);
  expect(it.connection?.state).toBe("live");
  it.server.stream.fail();
  await settle();
  expect(it.connection?.state).toBe("offline");
  it.isOnline = true;
  it.feed.networkChanged(true);
  await settle();
  expect(it.states).toEqual(["connecting", "live", "offline", "connecting"]);
});

test("a network that goes while it waits makes it offline", async () => {
  const it = world();
  await it.live(10);
  it.server.stream.end();
  await settle();
  it.feed.networkChanged(false);
  expect(it.connection?.state).toBe("offline");
});

test("offline, a server on the same machine is still looked for now and then", async () => {
  const it = world();
  it.isOnline = false;
  it.server.answers.push(() => Promise.reject(new TypeError("network error")));
  await it.start();
  expect(it.connection?.state).toBe("offline");
  await it.clock.advance(BACKOFF_MOST_MS);
  await it.snapshot(10);
  expect(it.connection?.state).toBe("live");
});

test("a feed that is stopped while it waits does not connect again", async () => {
  const it = world();
  await it.live(10);
  it.server.stream.end();
  await settle();
  it.feed.stop();
  expect(it.clock.waiting).toBe(0);
  await it.clock.advance(10 * BACKOFF_MOST_MS);
  expect(it.server.requests).toBe(1);
});

test("after it was stopped nothing is left: no stream, no timer, no report", async () => {
  const it = world();
  await it.live(10);
  it.feed.stop();
  const reported = it.states.length;
  await it.clock.advance(10 * WATCHDOG_MS);
  expect(it.server.stream.closed).toBe(true);
  expect(it.clock.waiting).toBe(0);
  expect(it.states).toHaveLength(reported);
  expect(it.server.requests).toBe(1);
});
