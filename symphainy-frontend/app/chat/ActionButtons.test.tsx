import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Action, Workflow } from "../../shared/sync/types";
import { ActionButtons } from "./ActionButtons";

const ACTIONS: readonly Action[] = [
  { label: "Ask on", kind: "send_message", target: { content: "And then?" } },
  { label: "Open", kind: "open_file", target: { file_id: "file_1" } },
  { label: "Stop", kind: "cancel_workflow", target: { workflow_id: "wf_1" } },
];

const workflows = (status: Workflow["status"]) => ({ wf_1: { workflow_id: "wf_1", status } as Workflow });

function labels(parts: { status?: Workflow["status"]; shown?: string; newest?: boolean }): (string | null)[] {
  const { status = "processing", shown, newest = true } = parts;
  const { container } = render(
    <ActionButtons actions={ACTIONS} workflows={workflows(status)} shown={shown} newest={newest} onAction={vi.fn()} />,
  );
  return [...container.querySelectorAll("button")].map((button) => button.textContent);
}

test("everything that an answer offers is a button", () => {
  expect(labels({})).toEqual(["Ask on", "Open", "Stop"]);
});

test("a workflow that has ended, or whose card has its own button, is not offered to be stopped", () => {
  expect(labels({ status: "completed" })).toEqual(["Ask on", "Open"]);
  expect(labels({ shown: "wf_1" })).toEqual(["Ask on", "Open"]);
});

test("an older answer keeps what it opens, and suggests nothing to ask", () => {
  expect(labels({ newest: false })).toEqual(["Open", "Stop"]);
});

test("a click hands on the action as it came", () => {
  const onAction = vi.fn();
  render(<ActionButtons actions={ACTIONS} workflows={{}} shown={undefined} newest onAction={onAction} />);
  fireEvent.click(screen.getByRole("button", { name: "Open" }));
  expect(onAction).toHaveBeenCalledExactlyOnceWith(ACTIONS[1]);
});

test("an answer is offered as long as it is what the workflow asks, and its card does not ask it already", () => {
  const action: Action = { label: "Yes", kind: "answer_workflow", target: { workflow_id: "wf_1", name: "ok" } };
  const asking = (name: string) => ({ wf_1: { workflow_id: "wf_1", asked: { name } } as Workflow });
  const shows = (name: string, shown?: string) =>
    render(
      <ActionButtons actions={[action]} workflows={asking(name)} shown={shown} newest onAction={vi.fn()} />,
    ).container.querySelectorAll("button").length;
  expect([shows("ok"), shows("other"), shows("ok", "wf_1")]).toEqual([1, 0, 0]);
});
