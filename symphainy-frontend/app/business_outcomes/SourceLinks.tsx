import { areaOf } from "../areas/catalogue";
import { Link } from "../routing/Link";
import type { Route } from "../routing/route";
import type { Source } from "./documents";

const AREA_OF_KIND: Readonly<Record<string, Route["area"]>> = {
  insights: "insights",
  chart: "insights",
  answer: "insights",
  document_insights: "insights",
  sop: "operations",
  workflow_model: "operations",
  blueprint: "operations",
};

/** Where a statement comes from: each file and artifact once, as a link to it. */
export function SourceLinks({ sources }: { readonly sources: readonly Source[] }) {
  const unique = [...new Map(sources.map((source) => [source.id, source])).values()];
  if (unique.length === 0) return null;
  return (
    <p className="source-links">
      From{" "}
      {unique.map((source, position) => (
        <span key={source.id}>
          {position > 0 && ", "}
          <SourceLink source={source} />
          {countOf(sources, source)}
        </span>
      ))}
    </p>
  );
}

function countOf(sources: readonly Source[], source: Source): string {
  const items = sources.filter((other) => other.id === source.id && other.item !== null).length;
  return items > 1 ? ` (${items} of its findings)` : "";
}

export function SourceLink({ source }: { readonly source: Source }) {
  switch (source.kind) {
    case "file":
      return <Link to={{ area: "content", fileId: source.id }}>{source.name}</Link>;
    case "artifact": {
      const area = AREA_OF_KIND[source.artifact_kind ?? ""] ?? "business_outcomes";
      const title = `${areaOf(area).label}, version ${source.version}`;
      return (
        <Link to={{ area, artifactId: source.id, version: source.version }} title={title}>
          {source.name}
        </Link>
      );
    }
    default:
      return <span>{source.name}</span>;
  }
}
