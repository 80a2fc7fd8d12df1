import { expect, test } from "vitest";
import { formatRoute, NOWHERE, parseRoute, type Route } from "./route";

const START: Route = { ...NOWHERE, sessionId: null, area: "content", pane: "area" };

test.each<[string, Partial<Route>]>([
  ["/", {}],
  ["/s/ses_1/content", { sessionId: "ses_1" }],
  ["/s/ses_1/business-outcomes?chat", { sessionId: "ses_1", area: "business_outcomes", pane: "chat" }],
  ["/s/ses_1/content/fil_2", { sessionId: "ses_1", fileId: "fil_2" }],
  ["/s/ses_1/content/fil_2/provenance", { sessionId: "ses_1", fileId: "fil_2", tab: "provenance" }],
  ["/s/ses_1/insights/artifacts", { sessionId: "ses_1", area: "insights", artifacts: true }],
  ["/s/ses_1/operations/artifact/art_1", { sessionId: "ses_1", area: "operations", artifactId: "art_1" }],
  [
    "/s/ses_1/operations/artifact/art_1?version=3&with=1&chat",
    { sessionId: "ses_1", area: "operations", artifactId: "art_1", version: 3, comparedWith: 1, pane: "chat" },
  ],
  ["/s/ses_1/content/workflow/wf_1", { sessionId: "ses_1", workflowId: "wf_1" }],
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

test("a version that is no number is the newest, and a place without an id is its area", () => {
  expect(parseRoute("/s/ses_1/insights/artifact/art_1", "version=-1&with=x")).toMatchObject({
    artifactId: "art_1",
    version: null,
    comparedWith: null,
  });
  expect(parseRoute("/s/ses_1/insights/artifact", "")).toEqual({ ...START, sessionId: "ses_1", area: "insights" });
});
