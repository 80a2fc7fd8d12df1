import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { SessionSummary } from "../../shared/sync/types";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { titleOf } from "./sessionTitle";
import { SessionRow } from "./SessionRow";

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
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useOutsideClick(root, open, () => setOpen(false));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for Escape on its way up
    <div className="session-menu" ref={root} onKeyDown={onKeyDown}>
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
      {open && <SessionList {...props} onDone={() => setOpen(false)} />}
    </div>
  );
}

function useOutsideClick(root: { readonly current: HTMLElement | null }, active: boolean, onOutside: () => void) {
  useEffect(() => {
    if (!active) return;
    const listen = (event: PointerEvent) => {
      const target = event.target as Element;
      if (!root.current?.contains(target) && !target.closest("dialog")) onOutside();
    };
    document.addEventListener("pointerdown", listen);
    return () => document.removeEventListener("pointerdown", listen);
  }, [root, active, onOutside]);
}

function SessionList({
  current,
  sessions,
  onOpen,
  onNew,
  onRename,
  onDelete,
  onDone,
}: SessionMenuProps & { readonly onDone: () => void }) {
  const [deleting, setDeleting] = useState<SessionSummary | null>(null);
  return (
    <section className="session-list" id="session-list" aria-label="Your sessions">
      <ul>
        {sessions.map((session) => (
          <SessionRow
            key={session.session_id}
            session={session}
            current={session.session_id === current}
            onOpen={() => {
              onOpen(session.session_id);
              onDone();
            }}
            onRename={(title) => onRename(session.session_id, title)}
            onDelete={() => setDeleting(session)}
          />
        ))}
      </ul>
      <Button
        icon="plus"
        look="ghost"
        className="session-new"
        onClick={() => {
          onNew();
          onDone();
        }}
      >
        New session
      </Button>
      {deleting && (
        <ConfirmDialog
          title={`Delete “${titleOf(deleting)}”?`}
          confirm="Delete session"
          onClose={() => setDeleting(null)}
          onConfirm={() => {
            onDelete(deleting.session_id);
            setDeleting(null);
          }}
        >
          Its conversations, files and results are erased for good. Work that is going on in it is stopped.
        </ConfirmDialog>
      )}
    </section>
  );
}
