import { expect, test, vi } from "vitest";
import { Delivery, GIVEN_UP_MS } from "./delivery";
import { ProblemError } from "./problem";
import { open } from "./testing/client";
import { ManualClock } from "./testing/clock";
import { FakeWorld } from "./testing/environment";

const unreachable = () => Promise.reject(ProblemError.unreachable(null));

function world() {
  const clock = new ManualClock();
  return { clock, delivery: new Delivery({ timers: clock, random: () => 0.5 }) };
}

test("a command is sent until it is answered", async () => {
  const { clock, delivery } = world();
  const send = vi.fn(unreachable as () => Promise<string>);
  const done = delivery.deliver(send);
  await clock.advance(1_000);
  expect(send.mock.calls.length).toBeGreaterThan(1);
  send.mockImplementation(() => Promise.resolve("done"));
  await clock.advance(5_000);
  expect(await done).toBe("done");
  const { length } = send.mock.calls;
  await clock.advance(60_000);
  expect(send).toHaveBeenCalledTimes(length);
});

test("a refusal is an answer", async () => {
  const { delivery } = world();
  const send = vi.fn(() => Promise.reject(new ProblemError({ code: "session_closed" }, 409)));
  await expect(delivery.deliver(send)).rejects.toMatchObject({ code: "session_closed" });
  expect(send).toHaveBeenCalledTimes(1);
});

test("without an answer the user is told after a while", async () => {
  const { clock, delivery } = world();
  const done = expect(delivery.deliver(unreachable)).rejects.toMatchObject({ code: "unreachable" });
  await clock.advance(GIVEN_UP_MS + 5_000);
  await done;
});

test("a way that is free again is used at once", async () => {
  const { clock, delivery } = world();
  let free = false;
  const done = delivery.deliver(() => (free ? Promise.resolve(clock.now()) : unreachable()));
  await clock.advance(20_000);
  free = true;
  const now = clock.now();
  delivery.kick();
  expect(await done).toBe(now);
});

test("a workflow whose answer was lost is started once, and a second try of the user's is the same command", async () => {
  const world = new FakeWorld();
  const { client, server } = await open(world);
  let lost = 1;
  server.interfere = (method, path) => {
    if (method === "POST" && path.endsWith("/workflows") && lost > 0) {
      lost -= 1;
      throw new TypeError("the answer was lost");
    }
    return null;
  };
  const options = { commandId: "0123456789abcdef" };
  const started = client.startWorkflow("InsightsOrchestrator", "look", {}, options);
  await world.clock.advance(2_000);
  await world.frame();
  expect(await started).toBe("wf_0123456789abcdef");
  await client.startWorkflow("InsightsOrchestrator", "look", {}, options);
  const sent = server.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/workflows"));
  expect(sent.map(({ body }) => (body as { workflow_id: string }).workflow_id)).toEqual(
    Array.from({ length: 3 }, () => "wf_0123456789abcdef"),
  );
});

test("a deletion whose answer was lost has happened", async () => {
  const world = new FakeWorld();
  const { client, server } = await open(world);
  await client.create();
  let lost = true;
  server.interfere = (method, path) => {
    if (method === "DELETE" && path === "/sessions/ses_1" && lost) {
      lost = false;
      const held = server.sessions.get("ses_1");
      if (held) held.deleted = true;
      throw new TypeError("the answer was lost");
    }
    return null;
  };
  const deleted = client.delete("ses_1");
  await world.clock.advance(2_000);
  await deleted;
  await world.frame();
  expect(client.getSnapshot().sessions.map((row) => row.session_id)).toEqual(["ses_2"]);
});
