import { useEffect, useRef } from "react";

/** Who moves by keyboard goes on in the main part when what had the focus has left the page with the `place` that it belonged to. */
export function useKeptFocus(place: string): void {
  const last = useRef<Element | null>(null);
  useEffect(() => {
    const remember = ({ target }: FocusEvent) => {
      last.current = target as Element;
    };
    document.addEventListener("focusin", remember);
    return () => document.removeEventListener("focusin", remember);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looks again at each new place
  useEffect(() => {
    const main = document.getElementById("main");
    if (main === null) return;
    const look = () => {
      const lost = last.current?.isConnected === false && document.activeElement === document.body;
      if (lost) main.focus({ preventScroll: true });
    };
    look();
    // The old place stays until the new one is loaded.
    const observer = new MutationObserver(look);
    observer.observe(main, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [place]);
}
