import { type KeyboardEvent, useState } from "react";
import type { SessionSummary } from "../../shared/sync/types";
import { plural } from "../format/quantities";
import { ago } from "../format/times";
import { useMinutes } from "../format/useNow";
import { IconButton } from "../ui/Button";
import { titleOf } from "./sessionTitle";

interface SessionRowProps {
  readonly session: SessionSummary;
  readonly current: boolean;
  readonly onOpen: () => void;
  readonly onRename: (title: string) => void;
  readonly onDelete: () => void;
}

export function SessionRow({ session, current, onOpen, onRename, onDelete }: SessionRowProps) {
  const [renaming, setRenaming] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const title = titleOf(session);
  const rename = (next: string | null, byKey: boolean) => {
    setRenaming(false);
    setLeaving(byKey);
    if (next !== null && next !== "" && next !== session.title) onRename(next);
  };
  return (
    <li className="session-row" data-testid="session-row">
      {renaming ? (
        <TitleField title={session.title} onDone={rename} />
      ) : (
        <button
          type="button"
          className="session-open"
          aria-current={current ? "true" : undefined}
          // biome-ignore lint/a11y/noAutofocus: whoever left the field by a key is to go on from here
          autoFocus={leaving}
          onClick={onOpen}
        >
          <span className="session-title">{title}</span>
          <SessionState session={session} />
        </button>
      )}
      {!renaming && (
        <>
          <IconButton icon="edit" label={`Rename ${title}`} onClick={() => setRenaming(true)} />
          <IconButton icon="trash" label={`Delete ${title}`} onClick={onDelete} />
        </>
      )}
    </li>
  );
}

function SessionState({ session }: { readonly session: SessionSummary }) {
  const now = useMinutes();
  return (
    <span className="session-state quiet">
      {session.running > 0 && <span className="session-running">{plural(session.running, "task")} running</span>}
      {session.status === "waiting_for_user" && <span className="session-waiting">Waiting for you</span>}
      <span>{ago(session.last_activity, now)}</span>
    </span>
  );
}

const MOST_CHARACTERS = 200;

interface TitleFieldProps {
  readonly title: string;
  readonly onDone: (title: string | null, byKey: boolean) => void;
}

function TitleField({ title, onDone }: TitleFieldProps) {
  const [text, setText] = useState(title);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onDone(null, true);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      // The key must not press the button that the focus goes to.
      event.preventDefault();
      onDone(text.trim(), true);
    }
  };
  return (
    <input
      className="session-field"
      aria-label="Title of the session"
      value={text}
      maxLength={MOST_CHARACTERS}
      ref={(element) => element?.focus()}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => onDone(text.trim(), false)}
    />
  );
}
