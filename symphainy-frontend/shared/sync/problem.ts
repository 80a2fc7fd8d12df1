import type { JsonObject, JsonValue } from "./types";

/** A refusal or failure of the server (RFC 9457), or of the way to it: then `status` is 0 and `code` is `unreachable`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  /** Stable; what programs decide by. */
  readonly code: string;
  readonly title: string;
  /** For people. */
  readonly detail: string;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  readonly details: JsonObject;

  constructor(document: JsonObject, status: number, retryAfterMs: number | null = null) {
    const detail = text(document.detail) ?? text(document.title) ?? `The server answered ${status}.`;
    super(detail);
    this.status = status;
    this.code = text(document.code) ?? (status === 0 ? "unreachable" : `http_${status}`);
    this.title = text(document.title) ?? "";
    this.detail = detail;
    this.requestId = text(document.request_id);
    this.retryAfterMs = retryAfterMs;
    this.details = document;
  }

  /** True if the same request may succeed later as it is: nothing was refused for good. */
  get temporary(): boolean {
    return this.status === 0 || this.status >= 500 || [408, 425, 429].includes(this.status);
  }

  static unreachable(cause: unknown): ProblemError {
    const problem = new ProblemError(
      { code: "unreachable", title: "Unreachable", detail: "The server cannot be reached right now." },
      0,
    );
    problem.cause = cause;
    return problem;
  }

  static aborted(): ProblemError {
    return new ProblemError({ code: "aborted", title: "Cancelled", detail: "The request was cancelled." }, 0);
  }
}

/** There is no such thing, or it is not the caller's: the server does not tell which. */
export const isMissing = (error: unknown): boolean => error instanceof ProblemError && error.status === 404;

/** Nobody has looked at the request: the server could not be reached, or is starting or stopping. */
export const isUnanswered = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && [0, 502, 503, 504].includes(error.status) && error.code !== "aborted";

/** The problem that a response carries, whatever its body is. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const body = await response.text().catch(() => "");
  return problemFrom(body, response.status, response.headers.get("Retry-After"));
}

export function problemFrom(body: string, status: number, retryAfter: string | null): ProblemError {
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter !== null && Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
  return new ProblemError(parseObject(body), status, retryAfterMs);
}

function parseObject(body: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as JsonObject) : {};
  } catch {
    return {};
  }
}

const text = (value: JsonValue | undefined): string | null => (typeof value === "string" ? value : null);

/** What is to be deleted and is not there was deleted: the answer that said so was lost. */
export const isGone = (error: unknown): void => {
  if (!isMissing(error)) throw error;
};
