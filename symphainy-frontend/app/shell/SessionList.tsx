import { useEffect, useState } from "react";
import type { SessionSummary } from "../../shared/sync/types";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import type { SessionMenuProps } from "./SessionMenu";
import { SessionRow } from "./SessionRow";
import { titleOf } from "./sessionTitle";
import "./sessions.css";

export default function SessionList({
  current,
  sessions,
  onOpen,
  onNew,
  onRename,
  onDelete,
  onDone,
}: SessionMenuProps & { readonly onDone: () => void }) {
  const [deleting, setDeleting] = useState<SessionSummary | null>(null);
  useOutsideClick(onDone);
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

/** A dialog belongs to the list that asked for it. */
function useOutsideClick(onOutside: () => void): void {
  useEffect(() => {
    const listen = ({ target }: PointerEvent) => {
      if (target instanceof Element && target.closest(".session-menu, dialog") === null) onOutside();
    };
    document.addEventListener("pointerdown", listen);
    return () => document.removeEventListener("pointerdown", listen);
  }, [onOutside]);
}
