import { expect, test } from "vitest";
import { ANSWER_MS } from "./api";
import { KEPT_MS, type MessageCommand, Outbox } from "./outbox";
import { ProblemError } from "./problem";
import { MemoryStorage } from "./storage";
import { ManualClock, seeded, settle } from "./testing/clock";
import type { AgentType } from "./types";

/** A server that keeps what it was sent under its id, over a way that loses requests and answers. */
class LossyServer {
  readonly log: MessageCommand[] = [];
  requests = 0;
  lose: (request: number) => "request" | "answer" | "nothing" = () => "nothing";
  refuse: (command: MessageCommand) => ProblemError | null = () => null;

  readonly send = async (command: MessageCommand, signal: AbortSignal): Promise<void> => {
    this.requests += 1;
    const lost = this.lose(this.requests);
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw ProblemError.aborted();
    if (lost === "request") throw ProblemError.unreachable(null);
    const refusal = this.refuse(command);
    if (refusal !== null) throw refusal;
    if (!this.log.some((held) => held.message_id === command.message_id)) this.log.push(command);
    if (lost === "answer") throw ProblemError.unreachable(null);
  };

  get texts(): string[] {
    return this.log.map((command) => command.content);
  }
}

class World {
  readonly clock = new ManualClock();
  readonly storage = new MemoryStorage();
  readonly server = new LossyServer();
  random: () => number = () => 0.5;
  changes = 0;
  outbox = this.open();

  open(): Outbox {
    return new Outbox({
      sessionId: "ses_1",
      send: this.server.send,
      storage: this.storage,
      environment: { timers: this.clock, random: () => this.random() },
      onChange: () => {
        this.changes += 1;
      },
    });
  }

  say(content: string, agent: AgentType = "guide_agent"): void {
    this.outbox.add({ message_id: `msg_${content}`, agent_type: agent, content, files: [], on_busy: "enqueue" });
  }

  get shown(): string[] {
    return this.outbox.pending.map(({ command, delivery }) => `${command.content} ${delivery}`);
  }
}

const world = () => new World();
const refusal = (status: number) => new ProblemError({ code: "refused", detail: "No." }, status);

test("a message is there at once as sending, then as sent, and goes when the log shows it", async () => {
  const it = world();
  it.say("one");
  expect(it.shown).toEqual(["one sending"]);
  await settle();
  expect(it.shown).toEqual(["one sent"]);
  it.outbox.confirm(({ message_id }) => message_id === "msg_one");
  expect(it.shown).toEqual([]);
  expect(it.server.texts).toEqual(["one"]);
});

test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))(
  "seed %i: whatever requests and answers are lost, each message arrives once and in order",
  async (seed) => {
    const it = world();
    const random = seeded(seed);
    it.random = random;
    it.server.lose = () => (random() < 0.35 ? "request" : random() < 0.5 ? "answer" : "nothing");
    const agents: AgentType[] = ["guide_agent", "content_liaison"];
    for (let number = 0; number < 12; number += 1) {
      it.say(String(number), agents[number % 2]);
      if (random() < 0.5) await it.clock.advance(random() * 400);
    }
    await it.clock.advance(3_600_000);
    for (const agent of agents) {
      const arrived = it.server.log
        .filter((command) => command.agent_type === agent)
        .map((command) => Number(command.content));
      expect(arrived).toEqual([...arrived].sort((one, other) => one - other));
    }
    expect(it.server.log).toHaveLength(12);
    expect(it.outbox.pending.every(({ delivery }) => delivery === "sent")).toBe(true);
    expect(await it.storage.all("commands", "")).toEqual([]);
  },
);

test("a message whose answer was lost is not sent again once the log shows it", async () => {
  const it = world();
  it.server.lose = () => "answer";
  it.say("one");
  await settle();
  expect(it.shown).toEqual(["one sending"]);
  it.outbox.confirm(() => true);
  await it.clock.advance(3_600_000);
  expect(it.server.requests).toBe(1);
  expect(await it.storage.all("commands", "")).toEqual([]);
});

test("the messages of one conversation wait for each other, those of another do not", async () => {
  const it = world();
  it.server.lose = (request) => (request === 1 ? "request" : "nothing");
  it.say("one");
  it.say("two");
  it.say("else", "content_liaison");
  await settle();
  expect(it.server.texts).toEqual(["else"]);
  await it.clock.advance(60_000);
  expect(it.server.texts).toEqual(["else", "one", "two"]);
});

test.each([400, 401, 403, 404, 409, 413, 422])(
  "an answer of %i is final: the message failed, and lets the next one by",
  async (status) => {
    const it = world();
    it.server.refuse = ({ content }) => (content === "one" ? refusal(status) : null);
    it.say("one");
    it.say("two");
    await it.clock.advance(3_600_000);
    expect(it.shown).toEqual(["one failed", "two sent"]);
    expect(it.outbox.pending[0]?.problem).toMatchObject({ status, code: "refused" });
    expect(it.server.requests).toBe(2);
  },
);

test.each([408, 425, 429, 500, 503, 507])(
  "an answer of %i is not final: it is sent again with the same id",
  async (status) => {
    const it = world();
    it.server.refuse = () => (it.server.requests < 4 ? refusal(status) : null);
    it.say("one");
    await it.clock.advance(60_000);
    expect(it.shown).toEqual(["one sent"]);
    expect(it.server.requests).toBe(4);
  },
);

test("Retry-After is the least to wait", async () => {
  const it = world();
  it.server.refuse = () => (it.server.requests === 1 ? new ProblemError({}, 429, 9_000) : null);
  it.say("one");
  await it.clock.advance(8_999);
  expect(it.server.requests).toBe(1);
  await it.clock.advance(1);
  expect(it.server.requests).toBe(2);
});

test("a failed message can be sent again with its id, or be discarded", async () => {
  const it = world();
  it.server.refuse = () => (it.server.requests <= 2 ? refusal(409) : null);
  it.say("one");
  it.say("two");
  await it.clock.advance(0);
  expect(it.shown).toEqual(["one failed", "two failed"]);
  it.outbox.retry("msg_one");
  expect(it.shown).toEqual(["one sending", "two failed"]);
  it.outbox.discard("msg_two");
  await it.clock.advance(0);
  expect(it.shown).toEqual(["one sent"]);
  expect(it.server.texts).toEqual(["one"]);
});

test("a server that never answers is asked again, with the same id", async () => {
  const it = world();
  const { send } = it.server;
  let asked = 0;
  it.outbox.close();
  it.outbox = new Outbox({
    sessionId: "ses_1",
    storage: it.storage,
    environment: { timers: it.clock, random: () => 0 },
    onChange: () => {},
    send: (command, signal) => {
      asked += 1;
      if (asked > 1) return send(command, signal);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(ProblemError.aborted())));
    },
  });
  it.say("one");
  await it.clock.advance(ANSWER_MS - 1);
  expect(asked).toBe(1);
  await it.clock.advance(1);
  expect(it.server.texts).toEqual(["one"]);
});

test("what was not sent is sent by the next visit, before what is said then", async () => {
  const it = world();
  it.server.lose = () => "request";
  it.say("one");
  it.say("two");
  await it.clock.advance(1_000);
  it.outbox.close();
  it.server.lose = () => "nothing";
  it.outbox = it.open();
  it.say("three");
  await it.clock.advance(60_000);
  expect(it.server.texts).toEqual(["one", "two", "three"]);
  expect(it.shown).toEqual(["one sent", "two sent", "three sent"]);
});

test("the order holds over several visits that sent nothing", async () => {
  const it = world();
  it.server.lose = () => "request";
  for (const content of ["zero", "one", "two"]) {
    it.say(content);
    await it.clock.advance(1_000);
    it.outbox.close();
    it.outbox = it.open();
  }
  it.server.lose = () => "nothing";
  it.say("last");
  await it.clock.advance(60_000);
  expect(it.server.texts).toEqual(["zero", "one", "two", "last"]);
});

test("a message that was refused is still shown as failed on the next visit", async () => {
  const it = world();
  it.server.refuse = () => refusal(422);
  it.say("one");
  await it.clock.advance(0);
  it.outbox.close();
  it.outbox = it.open();
  await it.clock.advance(60_000);
  expect(it.shown).toEqual(["one failed"]);
  expect(it.outbox.pending[0]?.problem).toMatchObject({ status: 422, detail: "No." });
  expect(it.server.requests).toBe(1);
});

test.each([
  ["a day", KEPT_MS, ["one"]],
  ["more than a day", KEPT_MS + 1, []],
])("what was not sent is kept for %s: it arrives as %j", async (_name, age, arrived) => {
  const it = world();
  it.server.lose = () => "request";
  it.say("one");
  await settle();
  it.outbox.close();
  it.clock.skip(age);
  it.server.lose = () => "nothing";
  it.outbox = it.open();
  await settle();
  expect(it.server.texts).toEqual(arrived);
});

test("two tabs that take up the same message do not double it", async () => {
  const it = world();
  it.server.lose = () => "request";
  it.say("one");
  await settle();
  it.server.lose = () => "nothing";
  const other = it.open();
  await it.clock.advance(60_000);
  expect(it.server.texts).toEqual(["one"]);
  expect(other.pending.map(({ delivery }) => delivery)).toEqual(["sent"]);
});

test("a kick sends at once what waits", async () => {
  const it = world();
  it.random = () => 1;
  it.server.lose = (request) => (request < 6 ? "request" : "nothing");
  it.say("one");
  await it.clock.advance(7_000);
  const before = it.server.requests;
  it.server.lose = () => "nothing";
  it.outbox.kick();
  await settle();
  expect(it.server.requests).toBe(before + 1);
  expect(it.shown).toEqual(["one sent"]);
});

test("once closed, it sends nothing and reports nothing", async () => {
  const it = world();
  it.server.lose = () => "request";
  it.say("one");
  await settle();
  it.outbox.close();
  const { changes } = it;
  await it.clock.advance(3_600_000);
  expect(it.server.requests).toBe(1);
  expect(it.changes).toBe(changes);
  expect(it.clock.waiting).toBe(0);
});
