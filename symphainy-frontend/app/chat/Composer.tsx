import { type KeyboardEvent, type Ref, useId, useRef } from "react";
import { whole } from "../format/quantities";
import { IconButton } from "../ui/Button";
import { useDraft } from "./useDraft";

interface ComposerProps {
  readonly draftKey: string;
  readonly speaker: string;
  readonly answering: boolean;
  readonly disabled: boolean;
  readonly onSend: (text: string) => void;
  readonly onStop: () => void;
  readonly onAttach: () => void;
  readonly inputRef?: Ref<HTMLTextAreaElement>;
}

export const MOST_CHARACTERS = 32_000;

export function Composer({
  draftKey,
  speaker,
  answering,
  disabled,
  onSend,
  onStop,
  onAttach,
  inputRef,
}: ComposerProps) {
  const [draft, setDraft] = useDraft(draftKey);
  const form = useRef<HTMLFormElement>(null);
  const hint = useId();
  const { length } = draft.trim();
  const sendable = length > 0 && length <= MOST_CHARACTERS && !disabled;
  const send = () => {
    if (!sendable) return;
    onSend(draft.trim());
    setDraft("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="composer"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={inputRef}
        className="composer-text"
        aria-label={`Message to ${speaker}`}
        aria-describedby={hint}
        aria-invalid={length > MOST_CHARACTERS}
        placeholder={`Ask ${speaker}`}
        rows={1}
        value={draft}
        disabled={disabled}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer-buttons">
        <IconButton icon="upload" label="Upload files" disabled={disabled} onClick={onAttach} />
        <Hint id={hint} length={length} />
        {answering && <IconButton icon="stop" label="Stop answering" className="composer-stop" onClick={onStop} />}
        <IconButton type="submit" icon="send" label="Send" className="composer-send" disabled={!sendable} />
      </div>
    </form>
  );
}

/** A text that is too long is never cut off unasked: it stays as it is, and cannot be sent. */
function Hint({ id, length }: { readonly id: string; readonly length: number }) {
  if (length <= MOST_CHARACTERS) {
    return (
      <span id={id} className="composer-hint">
        Enter sends, Shift+Enter starts a new line
      </span>
    );
  }
  return (
    <span id={id} className="composer-hint composer-over" role="alert">
      {whole(length)} of {whole(MOST_CHARACTERS)} characters: shorten it, or upload it as a file
    </span>
  );
}
