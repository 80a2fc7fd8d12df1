import type { FileStatus, SessionFile } from "../../shared/sync/types";
import type { MarkStatus } from "../ui/StatusMark";

export const FILE_STATUS_WORDS: Readonly<Record<FileStatus, string>> = {
  uploaded: "Uploaded",
  parsing: "Parsing",
  parsed: "Parsed",
  rejected: "Rejected",
};

const MARKS: Readonly<Record<FileStatus, MarkStatus>> = {
  uploaded: "not_started",
  parsing: "processing",
  parsed: "completed",
  rejected: "failed",
};

export const markOf = (file: SessionFile): MarkStatus =>
  file.status === "uploaded" && file.reason !== null ? "failed" : MARKS[file.status];
