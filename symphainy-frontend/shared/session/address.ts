/** Which session the page's address names: `/s/<session_id>[/...]`, or `?session=<session_id>`. */

const PATH = /^\/s\/([^/]+)/;

export function sessionInAddress(location: Pick<Location, "pathname" | "search">): string | null {
  const named = PATH.exec(location.pathname)?.[1];
  return named === undefined ? new URLSearchParams(location.search).get("session") : decoded(named);
}

/** The same place in another session: the first part after the session stays, what is deeper belongs to the session before. */
export function addressWith(location: Pick<Location, "pathname" | "search">, sessionId: string): string {
  const area = /^\/s\/[^/]+(\/[^/]+)/.exec(location.pathname)?.[1] ?? "";
  const query = new URLSearchParams(location.search);
  const named = query.has("session");
  query.delete("session");
  const search = !named ? location.search : query.size === 0 ? "" : `?${query}`;
  return `/s/${encodeURIComponent(sessionId)}${area}${search}`;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
