import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { open } from "./testing/client";
import { FakeWorld } from "./testing/environment";
import type { FakeServer } from "./testing/server";
import { problem } from "./testing/streams";
import type { View } from "./view";

beforeEach(() => vi.stubGlobal("IDBKeyRange", IDBKeyRange));
afterEach(() => vi.unstubAllGlobals());

const guide = (view: View) => view.conversations.guide_agent;
const texts = (view: View) => guide(view).messages.map((message) => message.content);

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
    const { conversations } = client.getSnapshot();
    expect(await client.patchState({ area: "content" }, { expectedSeq: 1 })).toEqual({ area: "content" });
    await world.frame();
    expect(client.getSnapshot().state).toEqual({ area: "content" });
    expect(client.getSnapshot().conversations).toBe(conversations);
    expect(server.requests.at(-1)?.headers.get("If-Match")).toBe('"epo_1.1"');
  });

  test("a delta and its frame cost little in a conversation of a thousand messages", async () => {
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
    expect((performance.now() - from) / 100).toBeLessThan(25);
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

const rotations = (server: FakeServer) =>
  server.requests
    .filter(({ method, path }) => method === "POST" && path.endsWith("/token"))
    .map(({ headers }) => headers.get("Idempotency-Key"));

test("a new credential whose answer was lost is asked for again with the same key", async () => {
  const { client, server, world } = await open();
  let lost = 2;
  server.interfere = (_method, path) => {
    if (!path.endsWith("/token") || lost === 0) return null;
    lost -= 1;
    throw new TypeError("network error");
  };
  const rotated = client.rotate();
  await world.clock.advance(10_000);
  await rotated;
  const keys = rotations(server);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
});

test("after a new credential the feed begins again", async () => {
  const { client, server, world } = await open();
  await client.rotate();
  await world.frame();
  expect(server.count("POST", "/sessions/ses_1/token")).toBe(1);
  expect(server.openFeeds).toBe(1);
  expect(client.getSnapshot().connection.state).toBe("live");
});
