import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProblemError } from "../../shared/sync/problem";
import { Failures, useAttempt } from "./failures";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function Asking({ command }: { readonly command: (commandId: string) => Promise<unknown> }) {
  const attempt = useAttempt();
  return (
    <button type="button" onClick={() => attempt("Starting the analysis", command)}>
      Start
    </button>
  );
}

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("what is not answered soon is said to be waited for, until it is", async () => {
  let answer: () => void = () => {};
  const command = () => new Promise<void>((resolve) => (answer = resolve));
  render(
    <Failures>
      <Asking command={command} />
    </Failures>,
  );
  fireEvent.click(screen.getByText("Start"));
  await wait(1_000);
  expect(screen.queryByTestId("late")).toBeNull();
  await wait(1_000);
  expect(screen.getByTestId("late").textContent).toContain("Starting the analysis");
  await act(async () => answer());
  expect(screen.queryByTestId("late")).toBeNull();
  expect(screen.queryByTestId("failure")).toBeNull();
});

test("what was refused is tried again as the same command", async () => {
  const command = vi.fn(() => Promise.reject(new ProblemError({ code: "limit", detail: "Too many." }, 429)));
  render(
    <Failures>
      <Asking command={command} />
    </Failures>,
  );
  fireEvent.click(screen.getByText("Start"));
  await wait(0);
  expect(screen.getByTestId("failure").textContent).toContain("Too many.");
  fireEvent.click(screen.getByText("Try again"));
  await wait(0);
  fireEvent.click(screen.getByText("Start"));
  await wait(0);
  const ids = (command.mock.calls as unknown as [string][]).map(([commandId]) => commandId);
  expect(ids).toHaveLength(3);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});
