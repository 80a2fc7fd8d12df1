import type { Entry } from "../entries";
import { emptySession, fold } from "../replica";
import type { Session } from "../types";

export const SESSION_ID = "ses_1";
export const EPOCH = "epo_1";

export const entry = (seq: number, type: string, data: object, more: Partial<Entry> = {}): Entry => ({
  seq,
  ts: `2026-11-23T10:00:${String(seq % 60).padStart(2, "0")}.000Z`,
  actor: "system",
  type,
  data,
  ...more,
});

export const created = (epoch = EPOCH): Entry =>
  entry(1, "session.created", { user_id: "usr_1", epoch, expires_at: "2026-12-23T10:00:00.000Z" });

export const message = (seq: number, id: string, more: object = {}, agent = "guide_agent"): Entry =>
  entry(seq, "message.added", { message_id: id, role: "user", content: id, ...more }, { conversation: agent });

/** A log of a session in which one answer is being streamed; `length` entries. */
export function chat(length: number): Entry[] {
  const log = [created(), message(2, "msg_live", { role: "assistant", content: "", status: "streaming" })];
  while (log.length < length) {
    const seq = log.length + 1;
    const delta = { message_id: "msg_live", text: `w${seq}é\u{1f680} ` };
    log.push(
      seq % 5 === 0 ? message(seq, `msg_${seq}`) : entry(seq, "message.delta", delta, { conversation: "guide_agent" }),
    );
  }
  return log;
}

export const folded = (log: readonly Entry[]): Session => fold(emptySession(SESSION_ID), log);
