import { useCallback, useEffect, useState } from "react";
import { ProblemError, problemOf } from "../../shared/sync/problem";

export type Reading<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly problem: ProblemError; readonly retry: () => void };

const KEPT = 24;
/** What an artifact's address holds never changes, so it is asked for once. The oldest answers are dropped first. */
const kept = new Map<string, Promise<unknown>>();

/** How the bytes are read. */
export type Format = "json" | "text";

async function request(url: string, format: Format): Promise<unknown> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw ProblemError.unreachable(cause);
  });
  if (!response.ok) throw await problemOf(response);
  return format === "json" ? response.json() : response.text();
}

function remember(url: string, format: Format): Promise<unknown> {
  const known = kept.get(url);
  if (known) return known;
  const asked = request(url, format);
  asked.catch(() => kept.delete(url));
  kept.set(url, asked);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return asked;
}

/** What an address holds now: asked for again whenever `when` is another value; what was read before is shown meanwhile. */
export function useCurrentReading<T>(url: string, when: unknown): Reading<T> {
  const [attempt, setAttempt] = useState(0);
  const [result, setResult] = useState<{ url: string; reading: Reading<T> } | null>(null);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `when` and `attempt` only say that it is time to ask again
  useEffect(() => {
    let current = true;
    const settle = (reading: Reading<T>) => current && setResult({ url, reading });
    request(url, "json").then(
      (value) => settle({ state: "ready", value: value as T }),
      (reason: unknown) => settle({ state: "failed", problem: asProblem(reason), retry }),
    );
    return () => {
      current = false;
    };
  }, [url, when, attempt, retry]);
  return result?.url === url ? result.reading : { state: "loading" };
}

const asProblem = (reason: unknown): ProblemError =>
  reason instanceof ProblemError ? reason : ProblemError.unreachable(reason);

/** What an address that never changes its content holds. `null` asks for nothing and keeps on loading. */
export function useReading<T>(url: string | null, format: Format = "json"): Reading<T> {
  const [attempt, setAttempt] = useState(0);
  const [result, setResult] = useState<{ url: string; attempt: number; reading: Reading<T> } | null>(null);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  useEffect(() => {
    if (url === null) return;
    let current = true;
    const settle = (reading: Reading<T>) => current && setResult({ url, attempt, reading });
    remember(url, format).then(
      (value) => settle({ state: "ready", value: value as T }),
      (reason: unknown) => settle({ state: "failed", problem: asProblem(reason), retry }),
    );
    return () => {
      current = false;
    };
  }, [url, format, attempt, retry]);
  return result?.url === url && result.attempt === attempt ? result.reading : { state: "loading" };
}
