import { expect, test } from "vitest";
import { EventParser, frameOf, type RawEvent } from "./frames";

const parse = (...pieces: string[]): RawEvent[] => {
  const parser = new EventParser();
  return pieces.flatMap((piece) => [...parser.push(piece)]);
};

const STREAM =
  'retry: 1500\n\n: a comment\nevent: events\nid: epo.1.7\ndata: [{"a":"é\u2028"}]\n\ndata:no space\ndata: two\n\nevent: ping\ndata: {"seq":7}\n\n';
const EVENTS: RawEvent[] = [
  { event: "events", id: "epo.1.7", data: '[{"a":"é\u2028"}]' },
  { event: "message", id: null, data: "no space\ntwo" },
  { event: "ping", id: null, data: '{"seq":7}' },
];

test.each([
  ["LF", STREAM],
  ["CRLF", STREAM.replaceAll("\n", "\r\n")],
  ["CR", STREAM.replaceAll("\n", "\r")],
])("events with %s line ends are read, cut at every place", (_name, text) => {
  // The last CR could be half of a CRLF; the event is whole without its other half.
  for (let cut = 0; cut <= text.length; cut += 1) {
    expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(EVENTS);
  }
  expect(parse(...text)).toEqual(EVENTS);
});

test("an event that the stream cut off is not read", () => {
  expect(parse('event: events\ndata: [{"seq":1}]\n')).toEqual([]);
});

test("an empty event and a comment are nothing", () => {
  expect(parse(": keep-alive\n\n\n\nevent: ping\n\n")).toEqual([]);
});

test("the epoch is what stands before the id's last dot", () => {
  const entries = [{ seq: 7 }];
  const raw = { event: "events", data: JSON.stringify(entries) };
  expect(frameOf({ ...raw, id: "epo.1.7" })).toEqual({ event: "events", epoch: "epo.1", entries });
  expect(frameOf({ ...raw, id: null })).toEqual({ event: "events", epoch: null, entries });
});

test("a kind of frame that this reader does not know is skipped, and one that is broken is an error", () => {
  expect(frameOf({ event: "presence", id: null, data: "{}" })).toBeNull();
  expect(() => frameOf({ event: "ping", id: null, data: "{" })).toThrow(SyntaxError);
});
