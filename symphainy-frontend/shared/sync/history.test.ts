import { expect, test } from "vitest";
import { History } from "./history";
import { created, folded, message } from "./testing/log";
import type { Session } from "./types";

const log = [created(), ...Array.from({ length: 300 }, (_, at) => message(at + 2, `msg_${at + 2}`))];
const session = (seq: number, epoch = "epo_1"): Session => ({ ...folded(log.slice(0, seq)), epoch });
const page = (from: number, to: number, has_more = true) => ({
  messages: folded(log.slice(0, to)).conversations.guide_agent?.messages.filter((item) => item.seq >= from) ?? [],
  has_more,
});
const seqs = (history: History) => history.of("guide_agent").messages.map((item) => item.seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test("what new messages push out of the window is kept", () => {
  const history = new History();
  history.follow(session(60), session(63));
  expect(seqs(history)).toEqual(range(11, 13));
  history.follow(session(63), session(64));
  expect(seqs(history)).toEqual(range(11, 14));
});

test("a replica that jumped over messages keeps nothing that would leave a hole", () => {
  const history = new History();
  history.follow(session(60), session(63));
  history.follow(session(63), session(200));
  expect(seqs(history)).toEqual([]);
  expect(history.before("guide_agent", session(200))).toBe(151);
});

test("a jump within the window leaves no hole, and keeps what was loaded", () => {
  const history = new History();
  history.follow(session(60), session(80));
  expect(seqs(history)).toEqual(range(11, 30));
});

test.each([
  ["another log", session(60), session(63, "epo_2")],
  ["a log that was rewound", session(63), session(60)],
])("%s starts anew", (_name, before, after) => {
  const history = new History();
  history.follow(session(58), session(60));
  history.follow(before, after);
  expect(seqs(history)).toEqual([]);
});

test("a page goes before what is there, without what is there", () => {
  const history = new History();
  expect(history.before("guide_agent", session(100))).toBe(51);
  history.prepend("guide_agent", 51, page(21, 60), session(100));
  expect(seqs(history)).toEqual(range(21, 50));
  expect(history.before("guide_agent", session(100))).toBe(21);
  history.prepend("guide_agent", 21, page(2, 20, false), session(100));
  expect(seqs(history)).toEqual(range(2, 50));
  expect(history.before("guide_agent", session(100))).toBeNull();
});

test("a page that was asked for before the window jumped is dropped", () => {
  const history = new History();
  history.prepend("guide_agent", 51, page(1, 50), session(200));
  expect(seqs(history)).toEqual([]);
});

test("no page is asked for while one is on its way, and none of a conversation that is whole", () => {
  const history = new History();
  history.loading("guide_agent", true);
  expect(history.before("guide_agent", session(100))).toBeNull();
  expect(new History().before("guide_agent", session(40))).toBeNull();
  expect(new History().before("content_liaison", session(100))).toBeNull();
});
