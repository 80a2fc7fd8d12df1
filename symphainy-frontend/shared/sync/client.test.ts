import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SessionClient } from "./client";
import { FakeTab } from "./testing/browser";
import { FakeWorld } from "./testing/environment";
import { problem } from "./testing/streams";
import type { View } from "./view";

beforeEach(() => vi.stubGlobal("IDBKeyRange", IDBKeyRange));
afterEach(() => vi.unstubAllGlobals());

async function open(world = new FakeWorld(), wanted: string | null = null) {
  const client = new SessionClient({ environment: world.environment() });
  const started = client.start(wanted);
  await world.frame();
  return { world, client, server: world.server, sessionId: await started };
}

const guide = (view: View) => view.conversations.guide_agent;
const texts = (view: View) => guide(view).messages.map((message) => message.content);

describe("which session is shown", () => {
  test("a visitor who was never here gets a session", async () => {
    const { client, server } = await open();
    expect(server.count("POST", "/sessions")).toBe(1);
    expect(server.requests.find(({ method }) => method === "POST")?.body).toMatchObject({ credential: "cookie" });
    expect(client.getSnapshot()).toMatchObject({ session_id: "ses_1", stale: false, connection: { state: "live" } });
    expect(client.getSnapshot().sessions.map((row) => row.session_id)).toEqual(["ses_1"]);
  });

  test.each([
    ["the one that the address names", "ses_1", "ses_1"],
    ["the newest, if the address names none", null, "ses_2"],
    ["the newest, if the address names another's", "ses_of_somebody", "ses_2"],
  ])("a visitor who comes back sees %s", async (_name, wanted, shown) => {
    const world = new FakeWorld();
    world.server.create();
    world.server.create();
    const { client, server } = await open(world, wanted);
    expect(client.getSnapshot().session_id).toBe(shown);
    expect(server.count("POST", "/sessions")).toBe(0);
  });

  test("starting twice at a time creates one session and opens one feed", async () => {
    const world = new FakeWorld();
    const client = new SessionClient({ environment: world.environment() });
    const first = client.start(null);
    client.close();
    const second = client.start(null);
    await world.frame();
    expect(await first).toBe(await second);
    expect(world.server.count("POST", "/sessions")).toBe(1);
    expect(world.server.openFeeds).toBe(1);
  });

  test("two new tabs at a time become one user with one session and one feed", async () => {
    const world = new FakeWorld();
    const clients = [1, 2].map(() => new SessionClient({ environment: world.environment(new FakeTab(world.clock)) }));
    const started = Promise.all(clients.map((client) => client.start(null)));
    await world.frame();
    expect(await started).toEqual(["ses_1", "ses_1"]);
    expect(world.server.count("POST", "/sessions")).toBe(1);
    expect(world.server.openFeeds).toBe(1);
  });

  test("a client that was closed while it started opens nothing", async () => {
    const world = new FakeWorld();
    const client = new SessionClient({ environment: world.environment() });
    const started = client.start(null);
    client.close();
    await world.frame();
    await started;
    expect(world.server.openFeeds).toBe(0);
  });

  test("a server that cannot be reached is said to be, and starting again works", async () => {
    const world = new FakeWorld();
    world.server.reachable = false;
    const client = new SessionClient({ environment: world.environment() });
    await expect(client.start(null)).rejects.toMatchObject({ code: "unreachable", status: 0 });
    world.server.reachable = true;
    const again = client.start(null);
    await world.frame();
    expect(await again).toBe("ses_1");
  });
});

describe("sessions", () => {
  test("another session is shown when it is opened, and the first one's feed is closed", async () => {
    const { client, server, world } = await open();
    server.say("ses_1", "msg_1", "of the first");
    const other = await client.create({ title: "Other" });
    await world.frame();
    expect(client.getSnapshot()).toMatchObject({ session_id: other, session: { title: "Other" } });
    expect(texts(client.getSnapshot())).toEqual([]);
    expect(server.openFeeds).toBe(1);
    client.open("ses_1");
    await world.frame();
    expect(texts(client.getSnapshot())).toEqual(["of the first"]);
  });

  test("a new name is in the list and in the session", async () => {
    const { client, world } = await open();
    await client.rename("ses_1", "Renamed");
    await world.frame();
    expect(client.getSnapshot().sessions[0]?.title).toBe("Renamed");
    expect(client.getSnapshot().session?.title).toBe("Renamed");
  });

  test("a deleted session leaves nothing in this browser", async () => {
    const world = new FakeWorld();
    world.indexedDB = new IDBFactory();
    const { client } = await open(world);
    await world.clock.advance(5_000);
    await client.delete("ses_1");
    await world.frame();
    expect(client.getSnapshot()).toMatchObject({ session_id: null, session: null, sessions: [] });
    const again = await open(world);
    expect(again.sessionId).toBe("ses_2");
    again.client.open("ses_1");
    await world.frame();
    expect(again.client.getSnapshot()).toMatchObject({
      session: null,
      connection: { state: "ended", ended: "deleted" },
    });
  });

  test("the row of the open session says what goes on in it", async () => {
    const { client, server, world } = await open();
    const started = { orchestrator: "InsightsOrchestrator", operation: "o", title: "t" };
    server.append("ses_1", { type: "workflow.started", data: started, workflow_id: "wf_1" });
    await world.frame();
    expect(client.getSnapshot().sessions[0]).toMatchObject({ status: "processing", running: 1 });
    server.append("ses_1", { type: "workflow.finished", data: { status: "completed" }, workflow_id: "wf_1" });
    await world.frame();
    expect(client.getSnapshot().sessions[0]).toMatchObject({ status: "idle", running: 0 });
  });
});

describe("messages", () => {
  test("a message is seen at once, then in the log, once", async () => {
    const { client, server, world } = await open();
    let arrive = () => {};
    server.interfere = () => {
      server.interfere = () => null;
      return new Promise((resolve) => {
        arrive = () =>
          resolve(server.fetch(path, { method: "POST", body: JSON.stringify({ message_id: id, content: "Hello" }) }));
      });
    };
    const id = client.send("guide_agent", "Hello");
    const path = "/api/v1/sessions/ses_1/conversations/guide_agent/messages";
    await world.clock.advance(16);
    expect(guide(client.getSnapshot()).messages).toMatchObject([
      { message_id: id, content: "Hello", role: "user", delivery: "sending" },
    ]);
    arrive();
    await world.frame();
    const [message] = guide(client.getSnapshot()).messages;
    expect(guide(client.getSnapshot()).messages).toHaveLength(1);
    expect(message).toMatchObject({ message_id: id, seq: 2 });
    expect(message).not.toHaveProperty("delivery");
  });

  test("what is said offline is sent once, when the network is back", async () => {
    const { client, server, world } = await open();
    world.isOnline = false;
    server.reachable = false;
    server.cut();
    await world.frame();
    expect(client.getSnapshot().connection.state).toBe("offline");
    client.send("guide_agent", "one");
    client.send("guide_agent", "two");
    await world.frame();
    expect(client.getSnapshot().waiting).toBe(2);
    world.isOnline = true;
    server.reachable = true;
    world.signal("online");
    await world.frame();
    await world.frame();
    expect(client.getSnapshot()).toMatchObject({ waiting: 0, connection: { state: "live" } });
    expect(texts(client.getSnapshot())).toEqual(["one", "two"]);
    expect(server.session("ses_1").conversations.guide_agent?.messages).toHaveLength(2);
  });

  test("a message whose answer was lost is shown once and stored once", async () => {
    const { client, server, world } = await open();
    const path = "/sessions/ses_1/conversations/guide_agent/messages";
    let lost = false;
    server.interfere = (method, called) => {
      if (method !== "POST" || called !== path || lost) return null;
      lost = true;
      const body = server.requests.at(-1)?.body as { message_id: string; content: string } | undefined;
      server.say("ses_1", body?.message_id ?? "", body?.content ?? "", { role: "user" });
      return Promise.reject(new TypeError("network error"));
    };
    client.send("guide_agent", "Hello");
    await world.clock.advance(60_000);
    await world.frame();
    expect(texts(client.getSnapshot())).toEqual(["Hello"]);
    expect(server.session("ses_1").conversations.guide_agent?.messages).toHaveLength(1);
  });

  test("a refused message says why, and can be sent again or discarded", async () => {
    const { client, server, world } = await open();
    server.interfere = (method, path) =>
      method === "POST" && path.endsWith("/messages") ? problem(409, "run_going") : null;
    const id = client.send("guide_agent", "Hello", { onBusy: "reject" });
    await world.frame();
    expect(guide(client.getSnapshot()).messages).toMatchObject([
      { delivery: "failed", problem: { code: "run_going", status: 409 } },
    ]);
    server.interfere = () => null;
    client.retryMessage(id);
    await world.frame();
    expect(texts(client.getSnapshot())).toEqual(["Hello"]);
    server.interfere = () => problem(422, "invalid_input");
    const other = client.send("guide_agent", "No");
    await world.frame();
    client.discardMessage(other);
    await world.frame();
    expect(texts(client.getSnapshot())).toEqual(["Hello"]);
  });

  test("older messages are loaded by page, and stay when new ones push others out of the window", async () => {
    const world = new FakeWorld();
    const sessionId = world.server.create();
    for (let number = 1; number <= 130; number += 1) world.server.say(sessionId, `msg_${number}`, String(number));
    const { client, server } = await open(world);
    const numbers = () => texts(client.getSnapshot()).map(Number);
    expect(numbers()[0]).toBe(81);
    expect(guide(client.getSnapshot()).has_more).toBe(true);
    await Promise.all([client.loadOlder("guide_agent"), client.loadOlder("guide_agent")]);
    await world.frame();
    expect(numbers()[0]).toBe(31);
    for (let number = 131; number <= 140; number += 1) server.say(sessionId, `msg_${number}`, String(number));
    await world.frame();
    await client.loadOlder("guide_agent");
    await world.frame();
    expect(numbers()).toEqual(Array.from({ length: 140 }, (_, at) => at + 1));
    expect(guide(client.getSnapshot())).toMatchObject({ has_more: false, loading_older: false });
    await client.loadOlder("guide_agent");
    expect(server.calls.filter((call) => call.startsWith("GET") && call.endsWith("/messages"))).toHaveLength(2);
  });

  test("a page that failed to load can be asked for again", async () => {
    const world = new FakeWorld();
    const sessionId = world.server.create();
    for (let number = 1; number <= 60; number += 1) world.server.say(sessionId, `msg_${number}`, String(number));
    const { client, server } = await open(world);
    server.interfere = () => problem(503, "store_unavailable");
    await expect(client.loadOlder("guide_agent")).rejects.toMatchObject({ status: 503 });
    server.interfere = () => null;
    await client.loadOlder("guide_agent");
    await world.frame();
    expect(texts(client.getSnapshot())).toHaveLength(60);
  });

  test("answers count as unread until they are marked, and on the next visit they are what they were", async () => {
    const world = new FakeWorld();
    world.indexedDB = new IDBFactory();
    const { client, server } = await open(world);
    expect(guide(client.getSnapshot()).unread).toBe(0);
    server.say("ses_1", "msg_1", "one");
    server.say("ses_1", "msg_2", "two");
    server.say("ses_1", "msg_3", "mine", { role: "user" });
    await world.frame();
    expect(guide(client.getSnapshot()).unread).toBe(2);
    client.markRead("guide_agent");
    server.say("ses_1", "msg_4", "three");
    await world.frame();
    expect(guide(client.getSnapshot()).unread).toBe(1);
    client.close();
    const again = await open(world);
    expect(guide(again.client.getSnapshot()).unread).toBe(1);
  });
});

describe("the view", () => {
  test("subscribers are told once in a frame, and what did not change keeps its identity", async () => {
    const { client, server, world } = await open();
    server.say("ses_1", "msg_1", "", { status: "streaming" });
    await world.frame();
    const before = client.getSnapshot();
    const told = vi.fn();
    client.subscribe(told);
    for (let number = 0; number < 50; number += 1) {
      const data = { message_id: "msg_1", text: "word " };
      server.append("ses_1", { type: "message.delta", data, conversation: "guide_agent" });
    }
    await world.frame();
    expect(told).toHaveBeenCalledTimes(1);
    const after = client.getSnapshot();
    expect(texts(after)).toEqual(["word ".repeat(50)]);
    expect(after.conversations.content_liaison).toBe(before.conversations.content_liaison);
    expect(after.orchestrator_states).toBe(before.orchestrator_states);
    expect(after.orchestrator_context).toBe(before.orchestrator_context);
    expect(after.workflow_states).toBe(before.workflow_states);
    expect(after.sessions).toBe(before.sessions);
    expect(after.state).toBe(before.state);
    expect(after.connection).toBe(before.connection);
  });

  test("without a change nobody is told", async () => {
    const { client, world } = await open();
    const before = client.getSnapshot();
    const told = vi.fn();
    client.subscribe(told);
    client.open("ses_1");
    client.retryNow();
    await world.frame();
    expect(told).not.toHaveBeenCalled();
    expect(client.getSnapshot()).toBe(before);
  });

  test("the last visit's session is painted at once, as stale, and replaced by the server's", async () => {
    const world = new FakeWorld();
    world.indexedDB = new IDBFactory();
    const first = await open(world);
    world.server.say("ses_1", "msg_1", "seen");
    await world.frame();
    await world.clock.advance(2_000);
    first.client.close();
    world.server.say("ses_1", "msg_2", "new");
    world.server.interfere = (_method, path) => (path.endsWith("/events") ? problem(503, "starting") : null);
    const second = await open(world);
    expect(second.client.getSnapshot()).toMatchObject({ stale: true, connection: { state: "waiting" } });
    expect(texts(second.client.getSnapshot())).toEqual(["seen"]);
    world.server.interfere = () => null;
    second.client.retryNow();
    await world.frame();
    expect(second.client.getSnapshot()).toMatchObject({ stale: false, connection: { state: "live" } });
    expect(texts(second.client.getSnapshot())).toEqual(["seen", "new"]);
  });

  test("the general state is the server's; a patch is sent and comes back by the feed", async () => {
    const { client, server, world } = await open();
    expect(await client.patchState({ area: "content" }, { expectedSeq: 1 })).toEqual({ area: "content" });
    await world.frame();
    expect(client.getSnapshot().state).toEqual({ area: "content" });
    expect(server.requests.at(-1)?.headers.get("If-Match")).toBe('"epo_1.1"');
  });

  test("a thousand deltas and their frames cost little in a long conversation", async () => {
    const world = new FakeWorld();
    const sessionId = world.server.create();
    for (let number = 1; number <= 1_000; number += 1) world.server.say(sessionId, `msg_${number}`, "x".repeat(100));
    const { client, server } = await open(world);
    for (let page = 0; page < 19; page += 1) await client.loadOlder("guide_agent");
    await world.frame();
    expect(texts(client.getSnapshot())).toHaveLength(1_000);
    server.say(sessionId, "msg_live", "", { status: "streaming" });
    const from = performance.now();
    for (let number = 0; number < 100; number += 1) {
      server.append(sessionId, {
        type: "message.delta",
        data: { message_id: "msg_live", text: "w " },
        conversation: "guide_agent",
      });
      await world.clock.advance(16);
    }
    await world.frame();
    expect(texts(client.getSnapshot()).at(-1)).toBe("w ".repeat(100));
    expect((performance.now() - from) / 100).toBeLessThan(8);
  });
});

test("commands of runs and workflows carry ids that the client made", async () => {
  const { client, server } = await open();
  await client.cancelRun("run_9");
  await client.retryRun("run_9");
  await client.startWorkflow("ContentAnalysisOrchestrator", "analyze_file", { file_id: "file_1" });
  const bodies = server.requests.slice(-3).map(({ method, path, body }) => ({ call: `${method} ${path}`, body }));
  expect(bodies).toMatchObject([
    { call: "POST /sessions/ses_1/runs/run_9/cancel", body: null },
    { call: "POST /sessions/ses_1/runs/run_9/retry", body: { run_id: expect.stringMatching(/^run_.{8,}$/) } },
    {
      call: "POST /sessions/ses_1/workflows",
      body: { workflow_id: expect.stringMatching(/^wf_.{8,}$/), input: { file_id: "file_1" } },
    },
  ]);
});

test("after a new credential the feed begins again", async () => {
  const { client, server, world } = await open();
  await client.rotate();
  await world.frame();
  expect(server.count("POST", "/sessions/ses_1/token")).toBe(1);
  expect(server.openFeeds).toBe(1);
  expect(client.getSnapshot().connection.state).toBe("live");
});
