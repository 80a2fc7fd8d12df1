import type { Meta } from "../../shared/sync/types";
import { bytes, plural } from "../format/quantities";
import { extensionOf, extensionsOf } from "./kinds";

export interface Refusal {
  readonly name: string;
  readonly reason: string;
}

export interface Checked {
  readonly accepted: readonly File[];
  readonly refused: readonly Refusal[];
}

/** What can be said against a file before a single byte of it is sent. The server has the last word. */
export function checkFiles(files: readonly File[], meta: Meta | null): Checked {
  const accepted: File[] = [];
  const refused: Refusal[] = [];
  for (const file of files) {
    const reason = reasonAgainst(file, meta);
    if (reason === null) accepted.push(file);
    else refused.push({ name: file.name, reason });
  }
  return { accepted, refused };
}

function reasonAgainst(file: File, meta: Meta | null): string | null {
  if (file.size === 0) return "This file is empty.";
  if (meta === null) return null;
  if (file.size > meta.max_upload_bytes) {
    return `This file has ${bytes(file.size)}; at most ${bytes(meta.max_upload_bytes)} can be taken. Split it, or leave out what is not needed.`;
  }
  const extension = extensionOf(file.name);
  const known = extensionsOf(fileKinds(meta));
  if (extension !== "" && known.length > 0 && !known.includes(extension)) {
    return `Files of the type .${extension} cannot be read. Save it as one of the supported kinds.`;
  }
  return null;
}

const fileKinds = (meta: Meta | null): readonly string[] =>
  meta?.file_kinds.filter((kind) => typeof kind === "string") ?? [];

export const limitSentence = (meta: Meta | null): string =>
  meta === null ? "" : `up to ${bytes(meta.max_upload_bytes)} each`;

export const refusedTitle = (refused: readonly Refusal[]): string =>
  refused.length === 1 ? `${refused[0]?.name} was not uploaded` : `${plural(refused.length, "file")} were not uploaded`;
