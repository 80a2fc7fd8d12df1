/** What the address says: which session, which area, which file, which tab. Everything that is on screen and can be shared. */

import { type AreaName, isAreaName } from "../areas/catalogue";

export const FILE_TABS = ["preview", "profile", "metadata", "provenance"] as const;
export type FileTab = (typeof FILE_TABS)[number];

export interface Route {
  readonly sessionId: string | null;
  readonly area: AreaName;
  readonly fileId: string | null;
  readonly tab: FileTab;
  /** Which of the two columns a phone shows. */
  readonly pane: "area" | "chat";
}

const isFileTab = (text: unknown): text is FileTab => FILE_TABS.some((tab) => tab === text);

/** `/s/<session>/<area>`, `/s/<session>/content/<file>/<tab>`, with `?chat` when a phone shows the chat. Total: what it does not know is the start. */
export function parseRoute(pathname: string, search: string): Route {
  const [root, sessionId, area, fileId, tab] = pathname.split("/").filter(Boolean).map(decode);
  const known = area?.replaceAll("-", "_");
  return {
    sessionId: root === "s" && sessionId ? sessionId : null,
    area: isAreaName(known) ? known : "content",
    fileId: known === "content" && fileId ? fileId : null,
    tab: isFileTab(tab) ? tab : "preview",
    pane: new URLSearchParams(search).has("chat") ? "chat" : "area",
  };
}

export function formatRoute(route: Route): string {
  if (route.sessionId === null) return "/";
  const parts = ["s", route.sessionId, route.area.replaceAll("_", "-")];
  if (route.area === "content" && route.fileId !== null) {
    parts.push(route.fileId);
    if (route.tab !== "preview") parts.push(route.tab);
  }
  return `/${parts.map(encodeURIComponent).join("/")}${route.pane === "chat" ? "?chat" : ""}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
