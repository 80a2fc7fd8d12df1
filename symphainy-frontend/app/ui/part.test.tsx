import { render, screen } from "@testing-library/react";
import { Suspense, useState } from "react";
import { expect, test } from "vitest";
import { part } from "./part";

function Counted({ name }: { readonly name: string }) {
  const [first] = useState(name);
  return (
    <p>
      {first} {name}
    </p>
  );
}

const shown = (Part: ReturnType<typeof part<{ name: string }>>, name: string) => (
  <Suspense fallback={<p>waiting</p>}>
    <Part name={name} />
  </Suspense>
);

test("what is loaded already is shown at once", async () => {
  const Part = part(() => Promise.resolve({ default: Counted }));
  await Part.load();
  render(shown(Part, "a"));
  expect(screen.getByText("a a")).toBeTruthy();
});

test("what is not loaded yet is waited for, and keeps its state when it is rendered again", async () => {
  const Part = part(() => Promise.resolve({ default: Counted }));
  const { rerender } = render(shown(Part, "a"));
  expect(screen.getByText("waiting")).toBeTruthy();
  expect(await screen.findByText("a a")).toBeTruthy();
  rerender(shown(Part, "b"));
  expect(screen.getByText("a b")).toBeTruthy();
});
