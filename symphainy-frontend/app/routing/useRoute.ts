import { createContext, type MouseEvent, use, useMemo, useSyncExternalStore } from "react";
import { formatRoute, NOWHERE, parseRoute, type Route } from "./route";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

const address = () => window.location.pathname + window.location.search;

/** The address may have been changed by others since the last render: what is asked for is put on top of what is there now. */
const routeNow = () => parseRoute(window.location.pathname, window.location.search);

export interface Routing {
  readonly route: Route;
  /** Goes to the same place with these parts changed. Naming the area, or another session, leaves what was shown of it. */
  readonly go: (change: Partial<Route>, options?: { readonly replace?: boolean }) => void;
  readonly href: (change: Partial<Route>) => string;
}

function moved(route: Route, change: Partial<Route>): Route {
  const leaves = change.area !== undefined || change.sessionId !== undefined;
  return { ...route, ...(leaves ? { ...NOWHERE, pane: "area" as const } : {}), ...change };
}

/** The address as state. Used once, at the top. */
export function useRouting(): Routing {
  const current = useSyncExternalStore(subscribe, address);
  return useMemo(() => {
    const [pathname = "/", search = ""] = current.split("?");
    const route = parseRoute(pathname, search);
    return {
      route,
      href: (change) => formatRoute(moved(route, change)),
      go: (change, { replace = false } = {}) => {
        const target = formatRoute(moved(routeNow(), change));
        if (target === address()) return;
        if (replace) window.history.replaceState(null, "", target);
        else window.history.pushState(null, "", target);
        for (const listener of listeners) listener();
      },
    };
  }, [current]);
}

export const RoutingContext = createContext<Routing | null>(null);

export function useRoute(): Routing {
  const routing = use(RoutingContext);
  if (routing === null) throw new Error("useRoute is used outside of the application");
  return routing;
}

/** A plain click follows a link inside the page; a click that opens another tab or window stays the browser's. */
export const isPlainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
