import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_END = 48;
const NEAR_START = 240;

interface Anchor {
  readonly messageId: string;
  readonly top: number;
}

interface TranscriptScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly atEnd: boolean;
  readonly onScroll: () => void;
  readonly jumpToEnd: () => void;
}

/**
 * Follows the end while the reader is there, and never moves what is being read: not when text arrives below, and not when
 * older messages arrive above. Who sends something wants to see what comes of it.
 */
export function useTranscriptScroll(
  firstMessageId: string | undefined,
  sendingId: string | undefined,
  onNearStart: () => void,
): TranscriptScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const anchor = useRef<Anchor | null>(null);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback((behavior: ScrollBehavior) => {
    const element = scroller.current;
    element?.scrollTo({ top: element.scrollHeight, behavior });
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    setAtEnd(following.current);
    anchor.current = anchorOf(element);
    if (element.scrollTop < NEAR_START) onNearStart();
  }, [onNearStart]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs exactly when something was put above
  useLayoutEffect(() => {
    const element = scroller.current;
    const held = anchor.current;
    if (!element || following.current || !held) return;
    const now = element.querySelector(`[data-message-id="${CSS.escape(held.messageId)}"]`);
    if (now) element.scrollTop += now.getBoundingClientRect().top - held.top;
  }, [firstMessageId]);

  useEffect(() => {
    const inner = content.current;
    const outer = scroller.current;
    if (!inner || !outer) return;
    const observer = new ResizeObserver(() => following.current && toEnd("instant"));
    observer.observe(inner);
    observer.observe(outer);
    return () => observer.disconnect();
  }, [toEnd]);

  useLayoutEffect(() => {
    if (sendingId === undefined) return;
    following.current = true;
    toEnd("instant");
  }, [sendingId, toEnd]);

  const jumpToEnd = useCallback(() => {
    following.current = true;
    toEnd(window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
  }, [toEnd]);

  return { scroller, content, atEnd, onScroll, jumpToEnd };
}

function anchorOf(element: HTMLElement): Anchor | null {
  const edge = element.getBoundingClientRect().top;
  for (const message of element.querySelectorAll<HTMLElement>("[data-message-id]")) {
    const { top, bottom } = message.getBoundingClientRect();
    if (bottom > edge) return { messageId: message.dataset.messageId ?? "", top };
  }
  return null;
}
