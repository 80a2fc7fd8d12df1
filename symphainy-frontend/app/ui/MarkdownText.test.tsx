import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import MarkdownText from "./MarkdownText";

const shown = (text: string) => render(<MarkdownText text={text} />).container;

test("HTML in a text is not made part of the page", () => {
  const page = shown('Hello <img src="x" onerror="alert(1)"> <script>alert(1)</script> **you**');
  expect(page.querySelector("img, script")).toBeNull();
  expect(page.querySelector("strong")?.textContent).toBe("you");
});

test("an image is named and not fetched", () => {
  const page = shown("![a chart](https://example.org/chart.png)");
  expect(page.querySelector("img")).toBeNull();
  expect(page.textContent).toContain("a chart");
});

test("a link opens elsewhere and tells nothing of this page; a script is no address", () => {
  const [good, bad] = shown("[a](https://example.org) [b](javascript:alert(1))").querySelectorAll("a");
  expect(good?.rel).toContain("noopener");
  expect(good?.target).toBe("_blank");
  expect(bad?.getAttribute("href") ?? "").not.toContain("javascript");
});

test("a wide table scrolls in a region of its own", () => {
  expect(shown("| a |\n|---|\n| 1 |").querySelector("[role=group][tabindex='0'] table td")?.textContent).toBe("1");
});
