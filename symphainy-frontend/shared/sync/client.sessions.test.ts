import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SessionClient } from "./client";
import { FakeTab } from "./testing/browser";
import { open } from "./testing/client";
import { FakeWorld } from "./testing/environment";
import type { View } from "./view";

beforeEach(() => vi.stubGlobal("IDBKeyRange", IDBKeyRange));
afterEach(() => vi.unstubAllGlobals());

const texts = (view: View) => view.conversations.guide_agent.messages.map((message) => message.content);

describe("which session is shown", () => {
  test("a visitor who was never here gets a session", async () => {
    const { client, server } = await open();
    expect(server.calls[0]).toBe("POST /sessions");
    expect(server.requests[0]?.body).toMatchObject({ credential: "cookie", resume: true });
    expect(server.sessions.size).toBe(1);
    expect(client.getSnapshot()).toMatchObject({ session_id: "ses_1", stale: false, connection: { state: "live" } });
    expect(client.getSnapshot().sessions.map((row) => row.session_id)).toEqual(["ses_1"]);
  });

  test.each([
    ["the one that the address names", "ses_1", "ses_1"],
    ["the newest, if the address names none", null, "ses_2"],
  ])("a visitor who comes back sees %s", async (_name, wanted, shown) => {
    const world = new FakeWorld();
    world.server.create();
    world.server.create();
    const { client, server } = await open(world, wanted);
    expect(client.getSnapshot().session_id).toBe(shown);
    expect(server.sessions.size).toBe(2);
  });

  test.each(["a visitor who was never here", "somebody with sessions"])(
    "a link to another's session opens nothing for %s, and what is theirs can be opened then",
    async (who) => {
      const world = new FakeWorld();
      if (who === "somebody with sessions") world.server.create();
      const client = new SessionClient({ environment: world.environment() });
      await expect(client.start("ses_of_another")).rejects.toMatchObject({ code: "session_not_found", status: 404 });
      await world.frame();
      expect(client.getSnapshot()).toMatchObject({ session_id: null, session: null });
      expect(client.getSnapshot().sessions).toHaveLength(world.server.sessions.size);
      expect([world.server.count("POST", "/sessions"), world.server.openFeeds]).toEqual([0, 0]);
      const started = client.start(null);
      await world.frame();
      expect(await started).toBe("ses_1");
    },
  );

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

  test("starting twice creates one session where the browser has no locks, too", async () => {
    const world = new FakeWorld();
    const client = new SessionClient({ environment: { ...world.environment(), locks: null } });
    const started = Promise.all([client.start(null), client.start(null)]);
    await world.frame();
    expect(await started).toEqual(["ses_1", "ses_1"]);
    expect(world.server.count("POST", "/sessions")).toBe(1);
  });

  test("two new tabs at a time become one user with one session and one feed", async () => {
    const world = new FakeWorld();
    const clients = [1, 2].map(() => new SessionClient({ environment: world.environment(new FakeTab(world.clock)) }));
    const started = Promise.all(clients.map((client) => client.start(null)));
    await world.frame();
    expect(await started).toEqual(["ses_1", "ses_1"]);
    expect(world.server.sessions.size).toBe(1);
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
