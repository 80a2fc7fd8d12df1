/** Where everything of a timeline stands, in pixels. Days count from the first Monday at or before the start. */

import type { RoadmapDocument } from "./documents";
import { dayNumber, dayOfNumber, monthText } from "./figures";

export interface Tick {
  readonly x: number;
  readonly label: string;
}

export interface Bar {
  readonly no: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface TimelineLayout {
  readonly width: number;
  readonly height: number;
  readonly narrow: boolean;
  readonly rowHeight: number;
  readonly ticks: readonly Tick[];
  readonly phases: readonly Tick[];
  readonly bars: readonly Bar[];
  readonly links: readonly { readonly key: string; readonly path: string; readonly critical: boolean }[];
  readonly deadlines: readonly { readonly x: number; readonly title: string; readonly met: boolean | null }[];
  readonly today: number | null;
}

export const TOP = 48;
export const BAR = 20;
const NARROW = 560;
const LABELS = 280;
const ROW = 34;
const TALL_ROW = 54;
const EDGE = 10;
/** Day 0 of the count was a Thursday. */
const FROM_THURSDAY = 3;
const FEWEST_TICK_PIXELS = 58;
const TICK_LABEL = 44;
const PHASE_LABEL = 56;
const NUMBER_LABEL = 16;

export function layOut(roadmap: RoadmapDocument, width: number, today: string): TimelineLayout {
  const narrow = width < NARROW;
  const left = narrow ? EDGE : LABELS;
  const rowHeight = narrow ? TALL_ROW : ROW;
  const deadlines = roadmap.milestones.filter((item) => item.kind === "deadline");
  const start = dayNumber(roadmap.start);
  const first = start - ((start + FROM_THURSDAY) % 7);
  const last = Math.max(dayNumber(roadmap.finish), ...deadlines.map((item) => dayNumber(item.date))) + 1;
  const scale = (width - left - EDGE) / Math.max(last - first, 1);
  const x = (day: number) => left + (day - first) * scale;
  const bars = roadmap.initiatives.map((item, row): Bar => {
    const from = x(dayNumber(item.start));
    const y = TOP + row * rowHeight + rowHeight - BAR - 6;
    return { no: item.no, x: from, y, width: Math.max(x(dayNumber(item.finish) + 1) - from, 4) };
  });
  const now = dayNumber(today);
  return {
    width,
    height: TOP + roadmap.initiatives.length * rowHeight + 14,
    narrow,
    rowHeight,
    ticks: ticksOf(first, last, scale, x).filter((tick) => tick.x < width - TICK_LABEL),
    phases: phaseTicks(roadmap.phases.map((phase) => x(dayNumber(phase.start)))),
    bars,
    links: narrow ? [] : linksOf(roadmap, bars),
    deadlines: deadlines.map((item) => ({ x: x(dayNumber(item.date) + 1), title: item.title, met: item.met })),
    today: now >= first && now <= last ? x(now + 0.5) : null,
  };
}

/** Named as far as there is room up to the next one: `Phase 2`, else its number, else nothing. */
function phaseTicks(starts: readonly number[]): Tick[] {
  return starts.map((start, position) => {
    const room = (starts[position + 1] ?? Number.POSITIVE_INFINITY) - start;
    const no = `${position + 1}`;
    return { x: start, label: room > PHASE_LABEL ? `Phase ${no}` : room > NUMBER_LABEL ? no : "" };
  });
}

/** Mondays as long as their names have room; else every second, fourth, ... of them, or months. */
function ticksOf(first: number, last: number, scale: number, x: (day: number) => number): Tick[] {
  const weeks = [1, 2, 4].find((every) => every * 7 * scale >= FEWEST_TICK_PIXELS);
  const ticks: Tick[] = [];
  if (weeks !== undefined) {
    for (let day = first; day < last; day += weeks * 7) ticks.push({ x: x(day), label: dayOfNumber(day) });
    return ticks;
  }
  const months = [1, 2, 3, 6, 12].find((every) => every * 30 * scale >= FEWEST_TICK_PIXELS) ?? 12;
  for (let day = first, seen = 0, month = ""; day < last; day += 1) {
    if (monthText(day) === month) continue;
    month = monthText(day);
    if (seen % months === 0) ticks.push({ x: x(day), label: month });
    seen += 1;
  }
  return ticks;
}

/** From the end of what comes before down to the beginning of what waits for it. */
function linksOf(roadmap: RoadmapDocument, bars: readonly Bar[]) {
  const at = new Map(bars.map((bar) => [bar.no, bar]));
  const critical = new Set(roadmap.critical_path);
  return roadmap.initiatives.flatMap((item) =>
    item.after.flatMap(({ after }) => {
      const from = at.get(after);
      const to = at.get(item.no);
      if (!from || !to) return [];
      const endX = from.x + from.width;
      const startY = from.y + BAR / 2;
      const down = to.y > from.y ? to.y : to.y + BAR;
      const turn = Math.max(to.x + 6, endX + 6);
      const path = `M${endX} ${startY}H${turn}V${down}`;
      return [
        {
          key: `${after} ${item.no}`,
          path,
          critical: critical.has(after) && item.waited_for === after && critical.has(item.no),
        },
      ];
    }),
  );
}
