/** The parts of a HTML tree that are looked at. */
interface HtmlNode {
  readonly type: string;
  tagName?: string;
  readonly children?: readonly HtmlNode[];
}

const PAGE_LEVEL = 2;
const HEADING = /^h([1-6])$/;

/** Puts a text's headings below those of the page, and leaves no level out, so that the page's outline stays true. */
export function levelHeadings() {
  return (tree: HtmlNode): void => {
    let last = PAGE_LEVEL;
    for (const node of tree.children ?? []) {
      const written = HEADING.exec(node.tagName ?? "")?.[1];
      if (written === undefined) continue;
      last = Math.min(Number(written) + PAGE_LEVEL, last + 1, 6);
      node.tagName = `h${last}`;
    }
  };
}
