import type { Entry } from "../entries";
import type { Fetch } from "../environment";
import { emptySession, fold } from "../replica";
import type { Message, Session } from "../types";
import { entry } from "./log";
import { snapshotOf } from "./snapshot";
import { problem, type ServerStream, StreamServer } from "./streams";

interface Held {
  readonly log: Entry[];
  readonly streams: Set<ServerStream>;
  deleted: boolean;
}

/** The server as a page sees it: sessions as logs, behind a cookie, with live feeds. Nothing answers by itself but its user's writes. */
export class FakeServer {
  readonly sessions = new Map<string, Held>();
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly body: unknown;
    readonly headers: Headers;
  }[] = [];
  signedIn = false;
  reachable = true;
  /** Answers a request in place of the server, if it gives an answer. */
  interfere: (method: string, path: string) => Response | Promise<Response> | null = () => null;
  readonly #feeds = new StreamServer();

  readonly fetch: Fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
    const path = pathname.replace("/api/v1", "");
    const method = init?.method ?? "GET";
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : null;
    this.requests.push({ method, path, body, headers: new Headers(init?.headers) });
    await new Promise((resolve) => setImmediate(resolve));
    if (init?.signal?.aborted) throw new DOMException("aborted", "AbortError");
    if (!this.reachable) throw new TypeError("network error");
    const interference = this.interfere(method, path);
    if (interference !== null) return interference;
    return this.#answer(method, path, searchParams, body, () => this.#feeds.fetch(url, init));
  };

  /** The requests so far, as `METHOD /path`. */
  get calls(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  count(method: string, path: string): number {
    return this.calls.filter((call) => call === `${method} ${path}`).length;
  }

  get openFeeds(): number {
    return [...this.sessions.values()].flatMap((held) => [...held.streams]).filter((stream) => !stream.closed).length;
  }

  create(title = "", sessionId = `ses_${this.sessions.size + 1}`): string {
    this.signedIn = true;
    const created = entry(1, "session.created", {
      user_id: "usr_1",
      epoch: "epo_1",
      expires_at: "2026-12-23T10:00:00.000Z",
      title,
    });
    this.sessions.set(sessionId, { log: [created], streams: new Set(), deleted: false });
    return sessionId;
  }

  append(sessionId: string, ...drafts: readonly (Pick<Entry, "type" | "data"> & Partial<Entry>)[]): number {
    const held = this.#held(sessionId);
    const entries = drafts.map((draft, at) => ({ ...entry(held.log.length + 1 + at, draft.type, {}), ...draft }));
    held.log.push(...entries);
    for (const stream of held.streams) stream.frame("events", entries, `epo_1.${held.log.length}`);
    return held.log.length;
  }

  say(sessionId: string, messageId: string, content: string, more: object = {}, agent = "guide_agent"): number {
    const data = { message_id: messageId, role: "assistant", content, ...more };
    return this.append(sessionId, { type: "message.added", data, conversation: agent });
  }

  session(sessionId: string): Session {
    return fold(emptySession(sessionId), this.#held(sessionId).log);
  }

  /** Cuts every feed; the clients come back. */
  cut(): void {
    for (const { streams } of this.sessions.values()) for (const stream of streams) stream.fail();
  }

  #held(sessionId: string): Held {
    const held = this.sessions.get(sessionId);
    if (held === undefined) throw new Error(`there is no session ${sessionId}`);
    return held;
  }

  async #answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Record<string, unknown> | null,
    openFeed: () => Promise<Response>,
  ): Promise<Response> {
    const [, , sessionId, part, agent] = path.split("/");
    if (path === "/sessions" && method === "POST") {
      const newest = [...this.sessions].findLast(([, item]) => !item.deleted)?.[0];
      if (body?.resume === true && this.signedIn && newest !== undefined) {
        return Response.json(snapshotOf(this.session(newest)));
      }
      return Response.json(snapshotOf(this.session(this.create(String(body?.title ?? "")))), { status: 201 });
    }
    if (!this.signedIn) return problem(401, "not_authenticated");
    if (path === "/sessions") return Response.json({ sessions: this.#list(), next_cursor: null });
    const held = sessionId === undefined ? undefined : this.sessions.get(sessionId);
    if (sessionId === undefined || held === undefined || held.deleted) return problem(404, "session_not_found");
    if (part === undefined) return this.#session(method, sessionId, held, body);
    if (part === "events") return this.#feed(sessionId, held, await openFeed());
    if (part === "conversations") return this.#messages(method, sessionId, String(agent), query, body);
    if (part === "state") {
      const seq = this.append(sessionId, { type: "value.patched", data: { patch: body } });
      return Response.json({ state: this.session(sessionId).state, seq });
    }
    if (part === "runs") return Response.json({ run_id: agent, status: "cancelled", seq: 1 }, { status: 202 });
    if (part === "workflows") return Response.json({ workflow_id: body?.workflow_id, seq: 1 }, { status: 202 });
    if (part === "token") return Response.json({ session_token: null });
    return problem(404, "not_found");
  }

  #session(method: string, sessionId: string, held: Held, body: Record<string, unknown> | null): Response {
    if (method === "PATCH") this.append(sessionId, { type: "session.updated", data: body ?? {} });
    if (method === "DELETE") {
      held.deleted = true;
      for (const stream of held.streams) stream.frame("bye", { reason: "deleted", retry_ms: 1 });
      return new Response(null, { status: 204 });
    }
    return Response.json(snapshotOf(this.session(sessionId)));
  }

  #list(): object[] {
    const rows = [...this.sessions].filter(([, held]) => !held.deleted).reverse();
    return rows.map(([session_id]) => {
      const { title, created_at, last_activity, expires_at } = this.session(session_id);
      return { session_id, title, status: "idle", running: 0, created_at, last_activity, expires_at };
    });
  }

  #feed(sessionId: string, held: Held, response: Response): Response {
    const { stream } = this.#feeds;
    held.streams.add(stream);
    const seq = held.log.length;
    const after = stream.cursor === null ? null : Number(stream.cursor.split(".")[1]);
    if (after === null) {
      const session = snapshotOf(this.session(sessionId));
      stream.frame("snapshot", { v: 1, epoch: "epo_1", seq, reason: "start", session }, `epo_1.${seq}`);
    } else {
      stream.frame("resume", { v: 1, epoch: "epo_1", after, head: seq });
      if (after < seq) stream.frame("events", held.log.slice(after), `epo_1.${seq}`);
    }
    return response;
  }

  #messages(
    method: string,
    sessionId: string,
    agent: string,
    query: URLSearchParams,
    body: Record<string, unknown> | null,
  ): Response {
    const said = this.#held(sessionId).log.filter(
      (item) => item.type === "message.added" && item.conversation === agent,
    );
    if (method === "POST") {
      const known = said.find((item) => (item.data as { message_id: string }).message_id === body?.message_id);
      const data = { message_id: body?.message_id, role: "user", content: body?.content };
      const seq = known?.seq ?? this.append(sessionId, { type: "message.added", data, conversation: agent });
      return Response.json({ message_id: body?.message_id, run_id: "run_1", seq }, { status: 202 });
    }
    const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
    const older = said.filter((item) => item.seq < before);
    const messages = older.slice(-50).map((item) => this.#asMessage(sessionId, item));
    return Response.json({ messages, has_more: older.length > 50 });
  }

  #asMessage(sessionId: string, item: Entry): Message | undefined {
    const alone = fold(emptySession(sessionId), [
      { ...this.#held(sessionId).log[0], seq: 1 } as Entry,
      { ...item, seq: 2 },
    ]);
    const message = alone.conversations[item.conversation ?? ""]?.messages[0];
    return message && { ...message, seq: item.seq };
  }
}
