/** Parts of the session's view that several components look at. Each gives back the part as it is, so that only its change renders. */

import type { View } from "../shared/sync/view";

export const sessionOf = (view: View) => view.session;
export const sessionIdOf = (view: View) => view.session_id;
export const sessionsOf = (view: View) => view.sessions;
export const connectionOf = (view: View) => view.connection;
export const statesOf = (view: View) => view.orchestrator_states;
export const uploadsOf = (view: View) => view.uploads;
export const runsOf = (view: View) => view.session?.runs ?? NONE;
export const workflowsOf = (view: View) => view.session?.workflows ?? NONE;
export const filesOf = (view: View) => view.session?.files ?? NONE;
export const artifactsOf = (view: View) => view.session?.artifacts ?? NONE;

const NONE: Readonly<Record<string, never>> = {};
