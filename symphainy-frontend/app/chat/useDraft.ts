import { useCallback, useState } from "react";

/** What was typed and not sent, by conversation; kept for as long as the tab lives. */
export function useDraft(key: string): readonly [string, (text: string) => void] {
  const [held, setHeld] = useState(() => ({ key, text: read(key) }));
  const text = held.key === key ? held.text : read(key);
  const write = useCallback(
    (next: string) => {
      setHeld({ key, text: next });
      store(key, next);
    },
    [key],
  );
  return [text, write];
}

const nameOf = (key: string) => `symphainy.draft.${key}`;

function read(key: string): string {
  try {
    return sessionStorage.getItem(nameOf(key)) ?? "";
  } catch {
    return "";
  }
}

function store(key: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(nameOf(key));
    else sessionStorage.setItem(nameOf(key), text);
  } catch {
    // Storage is full or forbidden: the draft lives in the page only.
  }
}
