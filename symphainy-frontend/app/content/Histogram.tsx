import { valueText } from "../data/cells";
import { plural } from "../format/quantities";
import type { Bin } from "./results";

const WIDTH = 240;
const HEIGHT = 56;
const GAP = 2;

/** How values spread. Each bar names its range and count when pointed at; the sentence says the whole to a screen reader. */
export function Histogram({ column, bins }: { readonly column: string; readonly bins: readonly Bin[] }) {
  const first = bins[0];
  const last = bins.at(-1);
  const most = Math.max(...bins.map((bin) => bin.count));
  if (!first || !last || most <= 0) return null;
  const tallest = bins.find((bin) => bin.count === most) ?? first;
  const width = (WIDTH - GAP * (bins.length - 1)) / bins.length;
  const label = `Distribution of ${column} from ${valueText(first.start)} to ${valueText(last.end)}; most values between ${valueText(
    tallest.start,
  )} and ${valueText(tallest.end)}.`;
  return (
    <figure className="histogram">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {bins.map((bin, position) => {
          const height = bin.count === 0 ? 0 : Math.max(1.5, (bin.count / most) * HEIGHT);
          return (
            <rect
              key={valueText(bin.start)}
              x={position * (width + GAP)}
              y={HEIGHT - height}
              width={width}
              height={height}
              rx={1}
            >
              <title>{`${valueText(bin.start)} to ${valueText(bin.end)}: ${plural(bin.count, "row")}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className="histogram-ends quiet numeric" aria-hidden="true">
        <span>{valueText(first.start)}</span>
        <span>{valueText(last.end)}</span>
      </figcaption>
    </figure>
  );
}
