import { type RefObject, useEffect, useRef, useState } from "react";
import "./timeline.css";
import type { Initiative, RoadmapDocument } from "./documents";
import { fullDay, number } from "./figures";
import { BAR, layOut, type TimelineLayout, TOP } from "./timelineLayout";

interface TimelineProps {
  readonly roadmap: RoadmapDocument;
  /** An ISO date. */
  readonly today: string;
  readonly onPick: (no: string) => void;
}

const PIXELS_PER_LETTER = 6.7;

/** The plan as a picture: one bar for each initiative, what waits for what, phases, today and the user's own deadlines. */
export function Timeline({ roadmap, today, onPick }: TimelineProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const layout = width > 0 ? layOut(roadmap, width, today) : null;
  return (
    <figure className="timeline" data-testid="timeline">
      <div ref={frame} className="timeline-frame">
        {layout && (
          <svg width={layout.width} height={layout.height} aria-label={inWords(roadmap)}>
            <Grid layout={layout} />
            {layout.links.map((link) => (
              <path key={link.key} d={link.path} className={link.critical ? "link link-critical" : "link"} />
            ))}
            {roadmap.initiatives.map((item, row) => (
              <Row key={item.no} item={item} row={row} layout={layout} onPick={onPick} />
            ))}
            <Marks layout={layout} />
          </svg>
        )}
      </div>
      <Legend roadmap={roadmap} today={layout?.today != null} />
    </figure>
  );
}

const inWords = (roadmap: RoadmapDocument) =>
  `Timeline from ${fullDay(roadmap.start)} to ${fullDay(roadmap.finish)}. Critical path: ${roadmap.critical_path.join(", then ")}. The table below holds every date.`;

function Grid({ layout }: { readonly layout: TimelineLayout }) {
  return (
    <g>
      {layout.ticks.map((tick) => (
        <g key={tick.x}>
          <line className="tick" x1={tick.x} x2={tick.x} y1={TOP - 8} y2={layout.height - 8} />
          <text className="tick-label" x={tick.x + 4} y={TOP - 14}>
            {tick.label}
          </text>
        </g>
      ))}
      {layout.phases.map((phase) => (
        <g key={phase.x}>
          <line className="phase-line" x1={phase.x} x2={phase.x} y1={4} y2={layout.height - 8} />
          <text className="phase-label" x={phase.x + 4} y={15}>
            {phase.label}
          </text>
        </g>
      ))}
    </g>
  );
}

interface RowProps {
  readonly item: Initiative;
  readonly row: number;
  readonly layout: TimelineLayout;
  readonly onPick: (no: string) => void;
}

function Row({ item, row, layout, onPick }: RowProps) {
  const bar = layout.bars[row];
  if (!bar) return null;
  const room = Math.floor((layout.narrow ? layout.width - 64 : 218) / PIXELS_PER_LETTER);
  const title = item.title.length > room ? `${item.title.slice(0, room - 1)}…` : item.title;
  const labelY = layout.narrow ? bar.y - 8 : bar.y + 15;
  return (
    <a
      href={`#${item.no}`}
      className={item.critical ? "timeline-row timeline-critical" : "timeline-row"}
      onClick={(event) => {
        event.preventDefault();
        onPick(item.no);
      }}
    >
      <title>{inSentence(item)}</title>
      <rect
        className="row-ground"
        x={0}
        y={TOP + row * layout.rowHeight}
        width={layout.width}
        height={layout.rowHeight}
        rx={6}
      />
      <text className="row-no" x={10} y={labelY}>
        {item.no}
      </text>
      <text className="row-title" x={44} y={labelY}>
        {title}
      </text>
      <rect className="row-bar" x={bar.x} y={bar.y} width={bar.width} height={BAR} rx={4} />
      {bar.width > 64 && (
        <text className="row-days" x={bar.x + 8} y={bar.y + 14}>
          {item.days === 1 ? "1 day" : `${item.days} days`}
        </text>
      )}
    </a>
  );
}

const inSentence = (item: Initiative) =>
  `${item.no} ${item.title}: ${fullDay(item.start)} to ${fullDay(item.finish)}, ${number(item.effort)} person-days${item.critical ? ", on the critical path" : ""}`;

function Marks({ layout }: { readonly layout: TimelineLayout }) {
  return (
    <g>
      {layout.today !== null && (
        <line className="today-line" x1={layout.today} x2={layout.today} y1={TOP - 8} y2={layout.height - 8} />
      )}
      {layout.deadlines.map((deadline) => (
        <g key={deadline.title} className={deadline.met === false ? "deadline deadline-missed" : "deadline"}>
          <line x1={deadline.x} x2={deadline.x} y1={TOP - 4} y2={layout.height - 8} />
          <path d={`M${deadline.x} ${TOP - 12}l5 5-5 5-5-5z`} />
        </g>
      ))}
    </g>
  );
}

function Legend({ roadmap, today }: { readonly roadmap: RoadmapDocument; readonly today: boolean }) {
  const deadlines = roadmap.milestones.filter((item) => item.kind === "deadline");
  return (
    <figcaption className="timeline-legend">
      <span className="legend-item legend-critical">Critical path</span>
      {roadmap.initiatives.some((item) => !item.critical) && (
        <span className="legend-item legend-other">Other work</span>
      )}
      {today && <span className="legend-item legend-today">Today</span>}
      {deadlines.map((item) => (
        <span key={item.title} className={`legend-item legend-deadline ${item.met === false ? "legend-missed" : ""}`}>
          {item.title}
        </span>
      ))}
    </figcaption>
  );
}

function useWidth(frame: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
