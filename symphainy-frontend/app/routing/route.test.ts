import { expect, test } from "vitest";
import { formatRoute, parseRoute, type Route } from "./route";

const START: Route = { sessionId: null, area: "content", fileId: null, tab: "preview", pane: "area" };

test.each<[string, Partial<Route>]>([
  ["/", {}],
  ["/s/ses_1/content", { sessionId: "ses_1" }],
  ["/s/ses_1/business-outcomes?chat", { sessionId: "ses_1", area: "business_outcomes", pane: "chat" }],
  ["/s/ses_1/content/fil_2", { sessionId: "ses_1", fileId: "fil_2" }],
  ["/s/ses_1/content/fil_2/provenance", { sessionId: "ses_1", fileId: "fil_2", tab: "provenance" }],
])("%s is written as it was read", (address, parts) => {
  const [pathname = "", search = ""] = address.split("?");
  const route = parseRoute(pathname, search);
  expect(route).toEqual({ ...START, ...parts });
  expect(formatRoute(route)).toBe(address);
});

test("an address that means nothing is the start, and a broken escape does not throw", () => {
  expect(parseRoute("/what/ever", "")).toEqual(START);
  expect(parseRoute("/s/%E0%A4%A/content", "").sessionId).toBeNull();
  expect(parseRoute("/s/ses_1/elsewhere/fil_2/nope", "")).toEqual({ ...START, sessionId: "ses_1" });
});

test("a file belongs to Content and to no other area", () => {
  expect(parseRoute("/s/ses_1/insights/fil_2", "").fileId).toBeNull();
});
