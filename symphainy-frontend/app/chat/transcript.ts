/** What a transcript shows, worked out from a conversation: which line stands where, and what belongs under it. */

import type { JsonObject, Keyed, Run } from "../../shared/sync/types";
import type { ViewMessage } from "../../shared/sync/view";
import { sameDay } from "../format/times";

export interface Line {
  readonly message: ViewMessage;
  /** The first message of its day. */
  readonly opensDay: boolean;
  /** The workflow shown under it: only under the newest message that names it, so that it is on screen once. */
  readonly workflowId: string | null;
  /** The run of an answer; of a question, the run that it asked for, if that one has said nothing of its own. */
  readonly run: Run | undefined;
  /** Whether that run may be started again: it has not been already. */
  readonly retriable: boolean;
  /** The newest answer: only that one still suggests what to ask next. */
  readonly newest: boolean;
}

export function linesOf(messages: readonly ViewMessage[], runs: Keyed<Run>): readonly Line[] {
  const newest = new Map<string, string>();
  const spoken = new Set<string>();
  for (const message of messages) {
    const workflowId = workflowOf(message.orchestrator_context);
    if (workflowId !== null) newest.set(workflowId, message.message_id);
    if (message.role === "assistant" && message.run_id !== null) spoken.add(message.run_id);
  }
  const silent = new Map<string, Run>();
  const retried = new Set<string>();
  for (const run of Object.values(runs)) {
    if (run.retry_of !== null) retried.add(run.retry_of);
    if (spoken.has(run.run_id)) silent.delete(run.message_id);
    else silent.set(run.message_id, run);
  }
  const answer = messages.findLast((message) => message.role === "assistant");
  return messages.map((message, position) => {
    const before = messages[position - 1];
    const workflowId = workflowOf(message.orchestrator_context);
    const run = message.role === "user" ? silent.get(message.message_id) : runs[message.run_id ?? ""];
    return {
      message,
      opensDay: before === undefined || !sameDay(before.timestamp, message.timestamp),
      workflowId: workflowId !== null && newest.get(workflowId) === message.message_id ? workflowId : null,
      run,
      newest: message === answer,
      retriable: run !== undefined && !retried.has(run.run_id),
    };
  });
}

export function workflowOf(context: JsonObject | null): string | null {
  const workflowId = context?.workflow_id;
  return typeof workflowId === "string" ? workflowId : null;
}
