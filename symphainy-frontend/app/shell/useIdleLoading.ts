import { useEffect } from "react";

/** Parts of the page that are shown later: they are fetched while nothing else is, so that they are there when the server is not. */
const PARTS: readonly (() => Promise<unknown>)[] = [
  () => import("../content/FileView"),
  () => import("./SessionList"),
  () => import("./NoSession"),
  () => import("../content/uploadChecks"),
  () => import("../ui/MarkdownText"),
  () => import("../artifacts/ArtifactPage"),
  () => import("../workflows/AskedForm"),
  () => import("../business_outcomes/OutcomesPage"),
  () => import("../insights/InsightsPage"),
];

export function useIdleLoading(): void {
  useEffect(() => {
    const load = () => {
      for (const part of PARTS) part().catch(() => undefined);
    };
    // Not every browser tells when it is idle.
    if (typeof window.requestIdleCallback !== "function") {
      const timer = setTimeout(load, 2000);
      return () => clearTimeout(timer);
    }
    const request = window.requestIdleCallback(load, { timeout: 4000 });
    return () => window.cancelIdleCallback(request);
  }, []);
}
