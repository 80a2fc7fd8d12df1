import { useCallback, useEffect, useState } from "react";

/** A request that was not answered as hoped: a sentence for the user, and the id under which the server's log knows it. */
export class ReadFailure extends Error {
  readonly requestId: string | null;

  constructor(message: string, requestId: string | null) {
    super(message);
    this.requestId = requestId;
  }
}

export type Reading<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly failure: ReadFailure; readonly retry: () => void };

const KEPT = 24;
/** What an artifact's address holds never changes, so it is asked for once. The oldest answers are dropped first. */
const kept = new Map<string, Promise<unknown>>();

async function request(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { Accept: "application/json, text/markdown" } }).catch(() => {
    throw new ReadFailure("The server could not be reached.", null);
  });
  if (!response.ok) throw await failureOf(response);
  const isJson = response.headers.get("Content-Type")?.includes("json") ?? false;
  return isJson ? response.json() : response.text();
}

async function failureOf(response: Response): Promise<ReadFailure> {
  const problem: unknown = await response.json().catch(() => null);
  const { detail, request_id } = (problem ?? {}) as { detail?: unknown; request_id?: unknown };
  return new ReadFailure(
    typeof detail === "string" ? detail : `The server answered ${response.status}.`,
    typeof request_id === "string" ? request_id : null,
  );
}

function remember(url: string): Promise<unknown> {
  const known = kept.get(url);
  if (known) return known;
  const asked = request(url);
  asked.catch(() => kept.delete(url));
  kept.set(url, asked);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return asked;
}

/** What an address that never changes its content holds. `null` asks for nothing and keeps on loading. */
export function useReading<T>(url: string | null): Reading<T> {
  const [attempt, setAttempt] = useState(0);
  const [result, setResult] = useState<{ url: string; attempt: number; reading: Reading<T> } | null>(null);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  useEffect(() => {
    if (url === null) return;
    let current = true;
    const settle = (reading: Reading<T>) => current && setResult({ url, attempt, reading });
    remember(url).then(
      (value) => settle({ state: "ready", value: value as T }),
      (reason: unknown) => {
        const failure = reason instanceof ReadFailure ? reason : new ReadFailure("The answer could not be read.", null);
        settle({ state: "failed", failure, retry });
      },
    );
    return () => {
      current = false;
    };
  }, [url, attempt, retry]);
  return result?.url === url && result.attempt === attempt ? result.reading : { state: "loading" };
}
