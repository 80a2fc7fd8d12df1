import { expect, test } from "vitest";
import { type Connection, Feed } from "./feed";
import { Mirror } from "./mirror";
import { BEAT_MS, SharedFeed, SILENCE_MS, type TabMessage } from "./tabs";
import { FakeChannels, FakeLocks, FakeTab } from "./testing/browser";
import { ManualClock, settle } from "./testing/clock";
import { chat, EPOCH, folded } from "./testing/log";
import { problem, type ServerStream, StreamServer } from "./testing/streams";

const LOG = chat(60);

class Tab {
  readonly browser: FakeTab;
  readonly mirror = new Mirror((_, after) => {
    this.seen.push(after.seq);
  });
  readonly seen: number[] = [];
  readonly shared: SharedFeed;
  connection: Connection | null = null;

  constructor(world: World, locks?: LockManager) {
    const browser = new FakeTab(world.clock);
    this.browser = browser;
    const environment = { fetch: world.server.fetch, timers: browser.timers, random: () => 0.5, online: () => true };
    this.shared = new SharedFeed({
      name: "ses_1",
      locks: locks ?? world.locks.manager(browser),
      channel: world.channels.opener(browser)("ses_1"),
      environment: { timers: browser.timers, visible: () => browser.visible },
      mirror: this.mirror,
      openFeed: (sink, onChange) => new Feed({ url: "/events", sink, environment, onChange }),
      onChange: (connection) => {
        this.connection = connection;
      },
    });
    this.shared.start();
  }
}

class World {
  readonly clock = new ManualClock();
  readonly server = new StreamServer();
  readonly locks = new FakeLocks();
  readonly channels = new FakeChannels();
  readonly tabs: Tab[] = [];

  async open(count = 1): Promise<void> {
    for (let number = 0; number < count; number += 1) this.tabs.push(new Tab(this));
    await settle();
  }

  tab(index: number): Tab {
    const tab = this.tabs[index];
    if (tab === undefined) throw new Error(`there is no tab ${index}`);
    return tab;
  }

  get leaders(): number[] {
    return this.tabs.flatMap((tab, index) => (tab.shared.leads ? [index] : []));
  }

  get states(): (string | undefined)[] {
    return this.tabs.map((tab) => tab.connection?.state);
  }

  get seqs(): (number | undefined)[] {
    return this.tabs.map((tab) => tab.mirror.replica?.seq);
  }

  /** What the server does with the newest stream: it goes on from the cursor up to `to`. */
  async serve(to: number, stream: ServerStream = this.server.stream): Promise<void> {
    const cursor = stream.cursor?.split(".")[1];
    if (cursor === undefined) {
      const session = folded(LOG.slice(0, to));
      stream.frame("snapshot", { v: 1, epoch: EPOCH, seq: to, reason: "start", session }, `${EPOCH}.${to}`);
    } else {
      stream.frame("resume", { v: 1, epoch: EPOCH, after: Number(cursor), head: to });
      if (to > Number(cursor)) stream.frame("events", LOG.slice(Number(cursor), to), `${EPOCH}.${to}`);
    }
    await settle();
  }

  async events(from: number, to: number, stream: ServerStream = this.server.stream): Promise<void> {
    stream.frame("events", LOG.slice(from - 1, to), `${EPOCH}.${to}`);
    await settle();
  }

  expectAllAt(seq: number, tabs = this.tabs): void {
    for (const tab of tabs) expect(tab.mirror.session).toEqual(folded(LOG.slice(0, seq)));
  }
}

const world = async (tabs: number): Promise<World> => {
  const it = new World();
  await it.open(tabs);
  return it;
};

test("ten tabs have one stream, and all see every entry once", async () => {
  const it = await world(10);
  await it.serve(10);
  await it.events(11, 20);
  expect(it.server.requests).toBe(1);
  expect(it.leaders).toEqual([0]);
  it.expectAllAt(20);
  expect(it.tabs.map((tab) => tab.seen)).toEqual(Array(10).fill([10, 20]));
});

test("a tab that comes later gets its snapshot from the leader, and the leader's state", async () => {
  const it = await world(1);
  await it.serve(10);
  await it.open(1);
  await it.clock.advance(BEAT_MS);
  expect(it.server.requests).toBe(1);
  it.expectAllAt(10);
  expect(it.states).toEqual(["live", "live"]);
  await it.events(11, 12);
  it.expectAllAt(12);
});

test("when the leader is closed another tab goes on from its own cursor", async () => {
  const it = await world(4);
  await it.serve(10);
  it.tab(0).shared.stop();
  await settle();
  expect(it.leaders).toEqual([1]);
  expect(it.server.stream.cursor).toBe(`${EPOCH}.10`);
  await it.serve(30);
  it.expectAllAt(30, it.tabs.slice(1));
  expect(it.server.streams.filter((stream) => !stream.closed)).toHaveLength(1);
});

test("a visible tab takes the lead from a frozen leader, which follows when it wakes", async () => {
  const it = await world(3);
  await it.serve(10);
  const old = it.server.stream;
  it.tab(0).browser.freeze();
  it.tab(2).browser.visible = false;
  await it.clock.advance(SILENCE_MS - BEAT_MS);
  expect(it.server.requests).toBe(1);
  await it.clock.advance(BEAT_MS);
  expect(it.tab(1).shared.leads).toBe(true);
  await it.serve(20);
  it.expectAllAt(20, it.tabs.slice(1));
  it.tab(0).browser.thaw();
  await settle();
  expect(it.leaders).toEqual([1]);
  expect(old.closed).toBe(true);
  await it.clock.advance(BEAT_MS);
  it.expectAllAt(20);
  await it.events(21, 22);
  it.expectAllAt(22);
});

test("two leaders for a moment double nothing", async () => {
  const it = await world(3);
  await it.serve(10);
  const old = it.server.stream;
  it.tab(0).browser.freeze();
  await it.clock.advance(SILENCE_MS);
  // The frozen tab's stream still delivers, and what it passes on comes late and twice.
  await it.serve(15);
  await it.events(11, 14, old);
  await it.events(15, 20, old);
  it.tab(0).browser.thaw();
  await it.events(16, 22);
  await it.clock.advance(2 * BEAT_MS);
  expect(it.leaders).toHaveLength(1);
  it.expectAllAt(22);
  for (const { seen } of it.tabs) expect(seen).toEqual([...new Set(seen)].sort((one, other) => one - other));
});

test("hidden tabs leave a silent leader alone, until one of them is shown", async () => {
  const it = await world(2);
  await it.serve(10);
  it.tab(0).browser.freeze();
  it.tab(1).browser.visible = false;
  await it.clock.advance(60_000);
  expect(it.server.requests).toBe(1);
  it.tab(1).browser.visible = true;
  it.tab(1).shared.wake();
  await settle();
  expect(it.tab(1).shared.leads).toBe(true);
  expect(it.server.requests).toBe(2);
});

test("a tab that missed a frame has it by the next beat", async () => {
  const it = await world(3);
  await it.serve(10);
  const last = it.tab(2).browser;
  it.channels.lose = (message, to) => (message as TabMessage).kind === "frame" && to === last;
  await it.events(11, 13);
  expect(it.seqs).toEqual([13, 13, 10]);
  it.channels.lose = () => false;
  await it.clock.advance(2 * BEAT_MS);
  it.expectAllAt(13);
  expect(it.server.requests).toBe(1);
});

test("a tab that missed one frame does not fold the next", async () => {
  const it = await world(2);
  await it.serve(10);
  it.channels.lose = (message) => (message as TabMessage).kind === "frame";
  await it.events(11, 13);
  it.channels.lose = () => false;
  await it.clock.advance(BEAT_MS / 2);
  await it.events(14, 15);
  await it.clock.advance(2 * BEAT_MS);
  it.expectAllAt(15);
});

test("the snapshot of a leader that is behind does not set a tab back", async () => {
  const it = await world(2);
  await it.serve(10);
  const { mirror } = it.tab(1);
  const session = folded(LOG.slice(0, 5));
  expect(mirror.receive({ event: "snapshot", epoch: EPOCH, seq: 5, reason: "start", session })).toBe("nothing");
  expect(mirror.session?.seq).toBe(10);
});

test("a rewound log reaches every tab", async () => {
  const it = await world(3);
  await it.serve(20);
  it.server.stream.end();
  await it.clock.advance(1_000);
  const session = { ...folded(LOG.slice(0, 7)), epoch: "epo_2" };
  it.server.stream.frame("snapshot", { v: 1, epoch: "epo_2", seq: 7, reason: "rewound", session }, "epo_2.7");
  await settle();
  expect(it.seqs).toEqual([7, 7, 7]);
  expect(it.tabs.map((tab) => tab.mirror.cursor())).toEqual(Array(3).fill("epo_2.7"));
});

test("when the session is gone every tab finds out for itself, once", async () => {
  const it = await world(3);
  await it.serve(10);
  for (let tab = 0; tab < 3; tab += 1) it.server.answers.push(() => problem(404, "session_not_found"));
  it.server.stream.frame("bye", { reason: "deleted", retry_ms: 1 });
  await it.clock.advance(60_000);
  expect(it.states).toEqual(["ended", "ended", "ended"]);
  expect(it.server.requests).toBe(3);
  expect(it.clock.waiting).toBe(0);
});

test("a follower that wants another attempt asks the leader for it", async () => {
  const it = await world(2);
  it.server.answers.push(() => problem(429, "too_many", { "Retry-After": "60" }));
  await it.serve(10);
  it.server.stream.end();
  await settle();
  await it.clock.advance(BEAT_MS);
  expect(it.states).toEqual(["waiting", "waiting"]);
  it.tab(1).shared.wake();
  await settle();
  expect(it.states[0]).toBe("connecting");
});

test("where locks are refused each tab has a stream of its own", async () => {
  const it = new World();
  const refused = {
    request: () => Promise.reject(new DOMException("denied", "SecurityError")),
  } as unknown as LockManager;
  it.tabs.push(new Tab(it, refused), new Tab(it, refused));
  await settle();
  expect(it.server.requests).toBe(2);
  for (const stream of it.server.streams) await it.serve(10, stream);
  it.expectAllAt(10);
});

test("a tab that is closed while it waits for the lock never leads", async () => {
  const it = await world(2);
  await it.serve(10);
  it.tab(1).shared.stop();
  it.tab(0).shared.stop();
  await it.clock.advance(60_000);
  expect(it.leaders).toEqual([]);
  expect(it.server.requests).toBe(1);
  expect(it.clock.waiting).toBe(0);
});
