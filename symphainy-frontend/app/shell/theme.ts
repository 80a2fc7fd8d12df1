import { useCallback, useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "symphainy.theme";
const listeners = new Set<() => void>();

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === stored) ?? "system";
  } catch {
    return "system";
  }
}

/** Before the first paint, so that nothing flashes in the wrong colours. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function choose(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is forbidden: the choice lives as long as the page.
  }
  applyTheme(theme);
  for (const listener of listeners) listener();
}

/** Another tab's choice is taken over. */
function subscribe(listener: () => void): () => void {
  const heard = (event: StorageEvent) => {
    if (event.key !== KEY) return;
    applyTheme(storedTheme());
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", heard);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", heard);
  };
}

const shown = (): Theme => THEMES.find((theme) => theme === document.documentElement.dataset.theme) ?? "system";

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, shown), useCallback(choose, [])];
}
