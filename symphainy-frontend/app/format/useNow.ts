import { useSyncExternalStore } from "react";

/** The wall clock at one rate: one timer for all that look at it, none when nobody does. */
function ticker(milliseconds: number) {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    now = Date.now();
    for (const listener of listeners) listener();
  };
  return {
    read: () => now,
    subscribe: (listener: () => void) => {
      if (listeners.size === 0) {
        now = Date.now();
        timer = setInterval(tick, milliseconds);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
  };
}

const seconds = ticker(1000);
const minutes = ticker(30_000);

export const useSeconds = (): number => useSyncExternalStore(seconds.subscribe, seconds.read);
export const useMinutes = (): number => useSyncExternalStore(minutes.subscribe, minutes.read);
