import { memo, Suspense, useMemo } from "react";
import type { JsonObject } from "../../shared/sync/types";
import { VegaChart } from "../data/charts";
import { Boundary } from "../ui/Boundary";
import { Skeleton } from "../ui/Skeleton";

/**
 * A chart and the same in a sentence. A chart that fails takes nothing with it. The same `spec` object is not drawn again: a page
 * of findings would be for a second at every change of the session.
 */
export const Chart = memo(function Chart({ spec }: { readonly spec: JsonObject }) {
  const untitled = useMemo(() => ({ ...spec, title: "" }), [spec]);
  const label = typeof spec.description === "string" ? spec.description : "Chart";
  return (
    <figure className="insight-chart">
      {typeof spec.title === "string" && <figcaption className="insight-chart-title">{spec.title}</figcaption>}
      <Boundary fallback={<p className="quiet">This chart could not be drawn. {label}</p>}>
        <Suspense fallback={<Skeleton label="Drawing the chart" lines={5} />}>
          <VegaChart spec={untitled} label={label} />
        </Suspense>
      </Boundary>
      <p className="visually-hidden">{label}</p>
    </figure>
  );
});
