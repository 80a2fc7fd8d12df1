import { render, screen } from "@testing-library/react";
import { lazy, Suspense } from "react";
import { expect, test, vi } from "vitest";
import { Boundary } from "./Boundary";

const Missing = lazy(() => Promise.reject(new Error("Failed to fetch dynamically imported module")));

test("a part that cannot be loaded says so, and the rest of the page stays", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  render(
    <>
      <p>the rest</p>
      <Boundary>
        <Suspense>
          <Missing />
        </Suspense>
      </Boundary>
    </>,
  );
  expect(await screen.findByRole("button", { name: "Reload the page" })).toBeDefined();
  expect(screen.getByText("the rest")).toBeDefined();
});

test("a part with something simpler to fall back on shows that", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  render(
    <Boundary fallback="plain">
      <Suspense>
        <Missing />
      </Suspense>
    </Boundary>,
  );
  expect(await screen.findByText("plain")).toBeDefined();
});
