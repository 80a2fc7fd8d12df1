import { type FormEvent, useState } from "react";
import { useGlobalSession } from "../../shared/session/context";
import { newCommandId } from "../../shared/sync/environment";
import type { JsonObject, JsonValue } from "../../shared/sync/types";
import { useAttempt } from "../shell/failures";
import { Button, IconButton } from "../ui/Button";

const KEY = "business_context";
const MOST_CHARACTERS = 500;

interface Note {
  readonly id: string;
  readonly text: string;
  readonly addedAt: string;
}

/** What the user adds in their own words. It is kept in the session, checked against plan and money, and shown in the proposal. */
export function ContextList({ state }: { readonly state: JsonObject }) {
  const { client } = useGlobalSession();
  const attempt = useAttempt();
  const [text, setText] = useState("");
  const notes = notesIn(state[KEY]);
  const add = (event: FormEvent) => {
    event.preventDefault();
    const words = text.trim();
    if (!words) return;
    const note = { text: words, added_by: "page", added_at: new Date().toISOString() };
    const id = `ctx_${newCommandId().replaceAll("-", "")}`;
    attempt("Adding it", (commandId) => client.patchState({ [KEY]: { [id]: note } }, { commandId }));
    setText("");
  };
  const remove = (note: Note) =>
    attempt("Removing it", (commandId) => client.patchState({ [KEY]: { [note.id]: null } }, { commandId }));
  return (
    <section className="outcome-section" aria-labelledby="context-title">
      <h2 id="context-title">What we should know</h2>
      {notes.length > 0 && (
        <ul className="context-notes">
          {notes.map((note) => (
            <li key={note.id}>
              <span>{note.text}</span>
              <IconButton icon="close" label={`Remove: ${note.text}`} onClick={() => remove(note)} />
            </li>
          ))}
        </ul>
      )}
      <form className="context-form" onSubmit={add}>
        <input
          type="text"
          aria-label="Something to consider"
          placeholder="For example: our budget is 50k, or: live before June"
          maxLength={MOST_CHARACTERS}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" icon="plus" disabled={!text.trim()}>
          Add
        </Button>
      </form>
    </section>
  );
}

function notesIn(held: JsonValue | undefined): readonly Note[] {
  if (!isObject(held)) return [];
  return Object.entries(held)
    .flatMap(([id, note]) =>
      isObject(note) && typeof note.text === "string"
        ? [{ id, text: note.text, addedAt: String(note.added_at ?? "") }]
        : [],
    )
    .sort((one, other) => one.addedAt.localeCompare(other.addedAt));
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
