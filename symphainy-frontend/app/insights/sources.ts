import type { Session } from "../../shared/sync/types";

/** A table that can be asked about, or a text (`table` is null). `label` is how the area's orchestrator calls it. */
export interface Source {
  readonly key: string;
  readonly fileId: string;
  readonly table: string | null;
  readonly label: string;
}

const ENDING = /\.[^.]+$/;

/** What Content read from the session's files, the newest file first. The twin of `domains/insights/sources.py`. */
export function sourcesOf(session: Session): readonly Source[] {
  const kept = Object.values(session.artifacts);
  return Object.values(session.files)
    .toReversed()
    .flatMap((file) => {
      const tables = kept.filter((item) => item.file_id === file.file_id && item.kind === "table");
      const newest = tables.at(-1)?.workflow_id;
      const found: Source[] = tables
        .filter((item) => item.workflow_id === newest)
        .map((item) => {
          const table = item.name.replace(/\.parquet$/, "");
          const label =
            table === file.name || table === file.name.replace(ENDING, "") ? file.name : `${file.name}, ${table}`;
          return { key: `${file.file_id}/${table}`, fileId: file.file_id, table, label };
        });
      if (kept.some((item) => item.file_id === file.file_id && item.kind === "document_text")) {
        const label = found.length > 0 ? `${file.name}, its text` : file.name;
        found.push({ key: `${file.file_id}/`, fileId: file.file_id, table: null, label });
      }
      return found;
    });
}

const OF_A_TABLE: readonly string[] = ["insights", "document_insights", "answer", "chart"];

/** The one that something was done with last: its file was added, it was analysed, or it was asked about. */
export function latestOf(session: Session, sources: readonly Source[]): Source | undefined {
  const done = new Map(Object.values(session.files).map((file) => [file.file_id, file.added_at]));
  for (const item of Object.values(session.artifacts)) {
    const before = item.file_id === null ? undefined : done.get(item.file_id);
    if (item.file_id === null || before === undefined || !OF_A_TABLE.includes(item.kind)) continue;
    if (item.created_at > before) done.set(item.file_id, item.created_at);
  }
  const when = ({ fileId }: Source) => done.get(fileId) ?? "";
  return sources.reduce<Source | undefined>(
    (latest, item) => (latest === undefined || when(item) > when(latest) ? item : latest),
    undefined,
  );
}
