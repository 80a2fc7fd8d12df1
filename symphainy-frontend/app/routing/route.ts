/** What the address says: which session, which area, and what of it is shown. Everything that is on screen and can be shared. */

import { type AreaName, isAreaName } from "../areas/catalogue";

export const FILE_TABS = ["preview", "profile", "checks", "metadata", "provenance"] as const;
export type FileTab = (typeof FILE_TABS)[number];

export interface Route {
  readonly sessionId: string | null;
  readonly area: AreaName;
  readonly fileId: string | null;
  readonly tab: FileTab;
  /** Every result of the session, whichever area the user is in. */
  readonly artifacts: boolean;
  readonly artifactId: string | null;
  /** Of the artifact; null: the newest. */
  readonly version: number | null;
  /** The version that it is compared with. */
  readonly comparedWith: number | null;
  readonly workflowId: string | null;
  /** Which of the two columns a phone shows. */
  readonly pane: "area" | "chat";
}

const isFileTab = (text: unknown): text is FileTab => FILE_TABS.some((tab) => tab === text);

/** What an address shows when it names nothing of its area. */
export const NOWHERE = {
  fileId: null,
  tab: "preview",
  artifacts: false,
  artifactId: null,
  version: null,
  comparedWith: null,
  workflowId: null,
} as const satisfies Partial<Route>;

/**
 * `/s/<session>/<area>`, and behind it `<file>/<tab>` in Content, `artifacts`, `artifact/<id>?version=2&with=1` or `workflow/<id>`; with
 * `chat` in the query when a phone shows the chat. Total: what it does not know is the start.
 */
export function parseRoute(pathname: string, search: string): Route {
  const [root, sessionId, area, ...rest] = pathname.split("/").filter(Boolean).map(decode);
  const known = area?.replaceAll("-", "_");
  const query = new URLSearchParams(search);
  return {
    ...NOWHERE,
    sessionId: root === "s" && sessionId ? sessionId : null,
    area: isAreaName(known) ? known : "content",
    ...(isAreaName(known) ? placeOf(known, rest, query) : {}),
    pane: query.has("chat") ? "chat" : "area",
  };
}

function placeOf(area: AreaName, [first, second]: readonly string[], query: URLSearchParams): Partial<Route> {
  if (first === "artifacts") return { artifacts: true };
  if (first === "workflow" && second) return { workflowId: second };
  if (first === "artifact" && second) {
    return { artifactId: second, version: numberOf(query.get("version")), comparedWith: numberOf(query.get("with")) };
  }
  if (area !== "content" || !first) return {};
  return { fileId: first, tab: isFileTab(second) ? second : "preview" };
}

export function formatRoute(route: Route): string {
  if (route.sessionId === null) return "/";
  const parts = ["s", route.sessionId, route.area.replaceAll("_", "-"), ...placeParts(route)];
  const query = new URLSearchParams();
  if (route.artifactId !== null && route.version !== null) query.set("version", `${route.version}`);
  if (route.artifactId !== null && route.comparedWith !== null) query.set("with", `${route.comparedWith}`);
  const search = [query.toString(), route.pane === "chat" ? "chat" : ""].filter(Boolean).join("&");
  return `/${parts.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

function placeParts(route: Route): string[] {
  if (route.artifacts) return ["artifacts"];
  if (route.artifactId !== null) return ["artifact", route.artifactId];
  if (route.workflowId !== null) return ["workflow", route.workflowId];
  if (route.area !== "content" || route.fileId === null) return [];
  return route.tab === "preview" ? [route.fileId] : [route.fileId, route.tab];
}

function numberOf(text: string | null): number | null {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
