import { expect, test } from "vitest";
import { apply, emptySession, fold } from "../../shared/sync/replica";
import { latestOf, sourcesOf } from "./sources";

const entry = (seq: number, type: string, data: object) => ({
  seq,
  ts: `2026-11-23T10:00:0${seq}.000Z`,
  actor: "system",
  type,
  data,
});

const file = (seq: number, name: string) =>
  entry(seq, "file.added", { file_id: name, name: `${name}.csv`, media_type: "text/csv", size: 1, sha256: "0" });

const made = (seq: number, kind: string, fileId: string) =>
  entry(seq, "artifact.created", {
    artifact_id: `${kind}_${fileId}`,
    name: kind === "table" ? `${fileId}.parquet` : kind,
    kind,
    media_type: "application/json",
    size: 1,
    file_id: fileId,
  });

test("the table that something was done with last is the one in view: added, analysed or asked about", () => {
  const created = entry(1, "session.created", { user_id: "usr_1", epoch: "epo_1", expires_at: "" });
  const added = [created, file(2, "first"), made(3, "table", "first"), file(4, "second"), made(5, "table", "second")];
  const session = fold(emptySession("ses_1"), added);
  const latest = (of: typeof session) => latestOf(of, sourcesOf(of))?.label;
  expect(latest(session)).toBe("second.csv");
  expect(latest(apply(session, made(6, "insights", "first")))).toBe("first.csv");
  expect(latest(apply(session, made(6, "profile", "first")))).toBe("second.csv");
  expect(latestOf(session, [])).toBeUndefined();
});
