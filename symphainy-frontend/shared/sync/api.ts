/** The server's HTTP API, as far as a page uses it. Every method rejects with `ProblemError`. */

import type { Fetch } from "./environment";
import { ProblemError, problemOf } from "./problem";
import type { JsonObject, Meta, SessionFile, SessionSummary, Snapshot } from "./types";

export interface ApiOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  /** For pages of another origin; a page of the server's own has its cookie. */
  readonly sessionToken?: string;
}

/** A request without an answer for so long is given up: it may be sent again. */
export const ANSWER_MS = 20_000;

interface Call {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export class Api {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #fetch: Fetch;

  constructor(options: ApiOptions) {
    this.baseUrl = options.baseUrl;
    this.headers = options.sessionToken === undefined ? {} : { Authorization: `Bearer ${options.sessionToken}` };
    this.#fetch = options.fetch;
  }

  url(...path: readonly string[]): string {
    return [this.baseUrl, ...path.map(encodeURIComponent)].join("/");
  }

  async request(method: string, url: string, call: Call = {}): Promise<Response> {
    const json = call.body === undefined ? {} : { "Content-Type": "application/json" };
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const headers = { ...this.headers, ...json, ...call.headers };
    let response: Response;
    try {
      const init = { method, headers, body, credentials: "same-origin", signal: call.signal ?? null } as const;
      response = await this.#fetch(url, init);
    } catch (cause) {
      const late = call.signal?.reason instanceof DOMException && call.signal.reason.name === "TimeoutError";
      throw call.signal?.aborted && !late ? ProblemError.aborted() : ProblemError.unreachable(cause);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  /** The document in the response. */
  async json<T>(method: string, url: string, call?: Call): Promise<T> {
    const response = await this.answered(method, url, call);
    return response.json().catch((cause: unknown) => {
      throw ProblemError.unreachable(cause);
    });
  }

  /** The response, or a ProblemError if none came for ANSWER_MS. */
  answered(method: string, url: string, call: Call = {}): Promise<Response> {
    return this.request(method, url, { ...call, signal: call.signal ?? AbortSignal.timeout(ANSWER_MS) });
  }

  meta(): Promise<Meta> {
    return this.json("GET", this.url("meta"));
  }

  listSessions(cursor?: string): Promise<{ sessions: readonly SessionSummary[]; next_cursor: string | null }> {
    const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    return this.json("GET", this.url("sessions") + query);
  }

  createSession(body: { title?: string; context?: JsonObject }, idempotencyKey: string): Promise<Snapshot> {
    const headers = { "Idempotency-Key": idempotencyKey };
    return this.json("POST", this.url("sessions"), { body: { ...body, credential: "cookie" }, headers });
  }

  /** The session of this browser that was active last, or a first one. Sets the cookie where there is none. */
  resumeSession(idempotencyKey: string): Promise<Snapshot> {
    const headers = { "Idempotency-Key": idempotencyKey };
    return this.json("POST", this.url("sessions"), { body: { credential: "cookie", resume: true }, headers });
  }

  getSession(sessionId: string): Promise<Snapshot> {
    return this.json("GET", this.url("sessions", sessionId));
  }

  updateSession(sessionId: string, body: { title?: string; context?: JsonObject }): Promise<Snapshot> {
    return this.json("PATCH", this.url("sessions", sessionId), { body });
  }

  async deleteSession(sessionId: string): Promise<void> {
    await this.answered("DELETE", this.url("sessions", sessionId));
  }

  /** The sample's files come into the session, each with its analysis. The same again changes nothing. */
  addSample(sessionId: string, name: string): Promise<{ files: readonly SessionFile[] }> {
    return this.json("POST", this.url("sessions", sessionId, "samples", name));
  }
}
