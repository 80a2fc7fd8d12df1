/** Which session a page shows when it starts. */

import { isMissing, ProblemError } from "./problem";
import type { SessionSummary } from "./types";

/** A list longer than this is cut: the menu shows the newest. */
export const SESSIONS_LISTED = 200;

export interface StartMeans {
  /** The user's sessions, newest first. */
  readonly list: () => Promise<readonly SessionSummary[]>;
  readonly reach: (sessionId: string) => Promise<unknown>;
  /** The session that was active last, or a first one; who was never here gets a credential. */
  readonly resume: () => Promise<string>;
  readonly locks: LockManager | null;
}

/**
 * The id of the wanted session; without one that of the newest, else of a new one. Rejects with `session_not_found` if the
 * wanted one is another user's or is gone: nobody is to find himself in another session than the link said.
 */
export async function chooseSession(wanted: string | null, means: StartMeans): Promise<string> {
  if (wanted === null) {
    const sessionId = await alone(means);
    await means.list();
    return sessionId;
  }
  if (!(await reaches(wanted, await listed(means), means))) throw notFound();
  return wanted;
}

const notFound = () =>
  new ProblemError({ code: "session_not_found", detail: "This session is not yours or no longer exists." }, 404);

async function listed({ list }: StartMeans): Promise<readonly SessionSummary[]> {
  try {
    return await list();
  } catch (error) {
    // A visitor who was never here has no credential, and nothing to list.
    if (error instanceof ProblemError && error.status === 401) return [];
    throw error;
  }
}

async function reaches(sessionId: string, sessions: readonly SessionSummary[], means: StartMeans): Promise<boolean> {
  if (sessions.some((row) => row.session_id === sessionId)) return true;
  if (sessions.length < SESSIONS_LISTED) return false;
  return means.reach(sessionId).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

/** One tab at a time: each of two new tabs would become a user of its own. */
async function alone({ locks, resume }: StartMeans): Promise<string> {
  return locks === null ? resume() : await locks.request("symphainy:start", resume);
}
