import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { Composer, MOST_CHARACTERS } from "./Composer";

const commands = () => ({ onSend: vi.fn(), onStop: vi.fn(), onAttach: vi.fn() });

function show(draftKey: string, given = commands(), answering = false) {
  render(<Composer draftKey={draftKey} speaker="Guide" answering={answering} disabled={false} {...given} />);
  return { ...given, field: screen.getByLabelText<HTMLTextAreaElement>("Message to Guide") };
}

beforeEach(() => sessionStorage.clear());

test("Enter sends the trimmed text and empties the box", () => {
  const { field, onSend } = show("a");
  fireEvent.change(field, { target: { value: "  Hello  " } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(onSend).toHaveBeenCalledExactlyOnceWith("Hello");
  expect(field.value).toBe("");
});

test("Shift+Enter, an unfinished composition and an empty box send nothing", () => {
  const { field, onSend } = show("a");
  fireEvent.keyDown(field, { key: "Enter" });
  fireEvent.change(field, { target: { value: "Hello" } });
  fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
  fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  expect(onSend).not.toHaveBeenCalled();
});

test("a text that is too long is neither sent nor cut off, and says why", () => {
  const { field, onSend } = show("a");
  fireEvent.change(field, { target: { value: "x".repeat(MOST_CHARACTERS + 1) } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(onSend).not.toHaveBeenCalled();
  expect(field.value).toHaveLength(MOST_CHARACTERS + 1);
  expect(screen.getByRole("alert").textContent).toContain("32,001 of 32,000");
});

test("a draft is found again in its own conversation, and in no other", () => {
  fireEvent.change(show("session guide").field, { target: { value: "half a thou" } });
  document.body.replaceChildren();
  expect(show("session liaison").field.value).toBe("");
  document.body.replaceChildren();
  expect(show("session guide").field.value).toBe("half a thou");
});

test("there is a button to stop only while an answer is given", () => {
  const { onStop } = show("a", commands(), true);
  fireEvent.click(screen.getByRole("button", { name: "Stop answering" }));
  expect(onStop).toHaveBeenCalledOnce();
  document.body.replaceChildren();
  show("a");
  expect(screen.queryByRole("button", { name: "Stop answering" })).toBeNull();
});
