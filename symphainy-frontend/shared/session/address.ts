/** Which session the page's address names: `/s/<session_id>[/...]`, or `?session=<session_id>`. */

const PATH = /^\/s\/([^/]+)/;

export function sessionInAddress(location: Pick<Location, "pathname" | "search">): string | null {
  const named = PATH.exec(location.pathname)?.[1];
  return named === undefined ? new URLSearchParams(location.search).get("session") : decoded(named);
}

/** The same address with this session in its path; what follows the session in the path is kept. */
export function addressWith(
  location: Pick<Location, "pathname" | "search" | "hash">,
  sessionId: string | null,
): string {
  const query = new URLSearchParams(location.search);
  query.delete("session");
  const search = query.size === 0 ? "" : `?${query}`;
  if (sessionId === null) return `/${search}`;
  const rest = PATH.test(location.pathname) ? location.pathname.replace(PATH, "") : "";
  return `/s/${encodeURIComponent(sessionId)}${rest}${search}${location.hash}`;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
