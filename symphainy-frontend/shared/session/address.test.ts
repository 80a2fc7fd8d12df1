import { expect, test } from "vitest";
import { addressWith, sessionInAddress } from "./address";

const at = (address: string) => new URL(address, "http://127.0.0.1");

test.each([
  ["/", null],
  ["/s/ses_1", "ses_1"],
  ["/s/ses_1/content/file_1?chat", "ses_1"],
  ["/?session=ses_2", "ses_2"],
  ["/s/ses_1?session=ses_2", "ses_1"],
  ["/s/", null],
  ["/s/%E0%A4%A", null],
])("%s names %s", (address, sessionId) => {
  expect(sessionInAddress(at(address))).toBe(sessionId);
});

test.each([
  ["/", "/s/ses_9"],
  ["/s/ses_1", "/s/ses_9"],
  ["/s/ses_1/content/file_1/profile?chat#end", "/s/ses_9/content?chat"],
  ["/?session=ses_1&theme=dark", "/s/ses_9?theme=dark"],
  ["/?session=ses_1", "/s/ses_9"],
  ["/elsewhere", "/s/ses_9"],
])("%s with another session is %s", (before, after) => {
  expect(addressWith(at(before), "ses_9")).toBe(after);
});
