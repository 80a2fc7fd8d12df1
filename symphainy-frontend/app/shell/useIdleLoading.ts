import { useEffect } from "react";
import { AREA_PAGES } from "../areas/pages";
import { ArtifactPage, FileView } from "../MainView";
import { MarkdownText } from "../ui/Markdown";

/** Parts of the page that are shown later: they are fetched while nothing else is, so that they are there when the server is not. */
const PARTS: readonly (() => Promise<unknown>)[] = [
  FileView.load,
  () => import("./SessionList"),
  () => import("./NoSession"),
  () => import("../content/uploadChecks"),
  MarkdownText.load,
  ArtifactPage.load,
  () => import("../workflows/AskedForm"),
  AREA_PAGES.business_outcomes.load,
  AREA_PAGES.insights.load,
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
