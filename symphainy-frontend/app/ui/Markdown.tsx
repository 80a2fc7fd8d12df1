import { lazy, Suspense } from "react";

const MarkdownText = lazy(() => import("./MarkdownText"));

/** Markdown from an agent or a file: never raw HTML, never a remote image. Plain text until the renderer is loaded. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <Suspense fallback={<PlainText text={text} />}>
      <MarkdownText text={text} />
    </Suspense>
  );
}

export function PlainText({ text }: { readonly text: string }) {
  return <div className="plain-text">{text}</div>;
}
