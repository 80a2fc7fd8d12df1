import { type KeyboardEvent, lazy, Suspense, useRef, useState } from "react";
import type { SessionSummary } from "../../shared/sync/types";
import { Boundary } from "../ui/Boundary";
import { Icon } from "../ui/Icon";

const SessionList = lazy(() => import("./SessionList"));

export interface SessionMenuProps {
  readonly current: string | null;
  readonly title: string;
  readonly sessions: readonly SessionSummary[];
  readonly onOpen: (sessionId: string) => void;
  readonly onNew: () => void;
  readonly onRename: (sessionId: string, title: string) => void;
  readonly onDelete: (sessionId: string) => void;
  /** The list was opened: look whether it is still true. */
  readonly onShow: () => void;
}

export function SessionMenu(props: SessionMenuProps) {
  const { title, onShow } = props;
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open || (event.target as Element).closest("dialog")) return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for Escape on its way up
    <div className="session-menu" onKeyDown={onKeyDown}>
      <button
        type="button"
        ref={button}
        className="session-button"
        aria-expanded={open}
        aria-controls="session-list"
        data-testid="session-menu"
        onClick={() => {
          if (!open) onShow();
          setOpen(!open);
        }}
      >
        <span className="visually-hidden">Session: </span>
        <span className="session-button-title">{title}</span>
        <Icon name="chevron" size={14} />
      </button>
      {open && (
        <Boundary fallback={null}>
          <Suspense>
            <SessionList {...props} onDone={() => setOpen(false)} />
          </Suspense>
        </Boundary>
      )}
    </div>
  );
}
