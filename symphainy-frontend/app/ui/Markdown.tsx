import { Suspense } from "react";
import { Boundary } from "./Boundary";
import { part } from "./part";

export const MarkdownText = part(() => import("./MarkdownText"));

/** Markdown from an agent or a file: never raw HTML, never a remote image. Plain text until the renderer is loaded. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <Boundary fallback={<PlainText text={text} />}>
      <Suspense fallback={<PlainText text={text} />}>
        <MarkdownText text={text} />
      </Suspense>
    </Boundary>
  );
}

export function PlainText({ text }: { readonly text: string }) {
  return <div className="plain-text">{text}</div>;
}
