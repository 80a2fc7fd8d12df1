import type { IconName } from "../ui/Icon";

interface Kind {
  readonly label: string;
  readonly icon: IconName;
  readonly extensions: readonly string[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  csv: { label: "CSV", icon: "table", extensions: ["csv"] },
  tsv: { label: "Tab-separated", icon: "table", extensions: ["tsv", "tab"] },
  json: { label: "JSON", icon: "braces", extensions: ["json"] },
  jsonl: { label: "JSON Lines", icon: "braces", extensions: ["jsonl", "ndjson"] },
  xlsx: { label: "Excel", icon: "sheet", extensions: ["xlsx", "xlsm"] },
  xls: { label: "Excel 97-2003", icon: "sheet", extensions: ["xls"] },
  ods: { label: "OpenDocument sheet", icon: "sheet", extensions: ["ods"] },
  parquet: { label: "Parquet", icon: "columns", extensions: ["parquet"] },
  pdf: { label: "PDF", icon: "document", extensions: ["pdf"] },
  docx: { label: "Word", icon: "document", extensions: ["docx", "docm"] },
  pptx: { label: "PowerPoint", icon: "slides", extensions: ["pptx", "pptm"] },
  html: { label: "HTML", icon: "code", extensions: ["html", "htm"] },
  text: { label: "Text", icon: "document", extensions: ["txt", "text", "log"] },
  markdown: { label: "Markdown", icon: "document", extensions: ["md", "markdown"] },
  png: { label: "PNG picture", icon: "document", extensions: ["png"] },
  jpeg: { label: "JPEG picture", icon: "document", extensions: ["jpg", "jpeg"] },
  email: { label: "E-mail", icon: "document", extensions: ["eml"] },
  mbox: { label: "Mailbox", icon: "table", extensions: ["mbox"] },
  records: {
    label: "Mainframe records",
    icon: "columns",
    extensions: ["dat", "bin", "data", "ebc", "ebcdic", "rec", "vb", "fb"],
  },
  bpmn: { label: "BPMN diagram", icon: "link", extensions: ["bpmn", "bpmn2"] },
  copybook: { label: "COBOL copybook", icon: "code", extensions: ["cpy", "cob", "cbl", "copybook"] },
  tiff: { label: "TIFF picture", icon: "document", extensions: ["tif", "tiff"] },
};

export const extensionOf = (name: string): string => /.\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

/** What the server found out, or, until then, what the name promises. */
function kindOf(kind: string | null, name: string): Kind | undefined {
  if (kind !== null) return KINDS[kind];
  const extension = extensionOf(name);
  return Object.values(KINDS).find((item) => item.extensions.includes(extension));
}

export const kindLabel = (kind: string | null, name = ""): string => kindOf(kind, name)?.label ?? kind ?? "File";
export const kindIcon = (kind: string | null, name = ""): IconName => kindOf(kind, name)?.icon ?? "document";

/** Neither the server nor its name says what it is. */
export const isUnknown = (kind: string | null, name: string): boolean => kindOf(kind, name) === undefined;

export const extensionsOf = (kinds: readonly string[]): readonly string[] =>
  kinds.flatMap((kind) => KINDS[kind]?.extensions ?? []);
