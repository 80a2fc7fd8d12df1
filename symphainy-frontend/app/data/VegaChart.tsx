import { useEffect, useRef, useState } from "react";
import { type Config, Error as ErrorLevel, type Loader, loader, logger, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import "./chart.css";
import type { JsonObject } from "../../shared/sync/types";

interface VegaChartProps {
  /** A Vega-Lite specification that holds its own data. */
  readonly spec: JsonObject;
  /** What the chart shows, in a sentence. */
  readonly label: string;
}

/** A chart in the colours of the page and as wide as its place. It runs no code from the specification and loads nothing. */
export default function VegaChart({ spec, label }: VegaChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let view: View | null = null;
    const draw = () => {
      view?.finalize();
      try {
        view = viewOf(spec, element);
        view.runAsync().catch(() => setFailed(true));
      } catch {
        setFailed(true);
      }
    };
    const forget = inTurn(draw);
    const watched = watch(element, draw);
    return () => {
      forget();
      watched();
      view?.finalize();
    };
  }, [spec]);
  if (failed) return <p className="quiet">This chart could not be drawn. {label}</p>;
  return <div ref={frame} className="chart" role="img" aria-label={label} data-testid="chart" />;
}

const waiting = new Set<() => void>();
let drawing = false;

/** One chart after the other, with time for the page between them: the text beside them is there before the last one is. */
function inTurn(draw: () => void): () => void {
  waiting.add(draw);
  if (!drawing) setTimeout(drawNext);
  drawing = true;
  return () => waiting.delete(draw);
}

function drawNext(): void {
  const [draw] = waiting;
  drawing = draw !== undefined;
  if (!draw) return;
  setTimeout(drawNext);
  waiting.delete(draw);
  draw();
}

const NOTHING: Loader = { ...loader(), load: () => Promise.reject(new Error("a chart holds its own data")) };
const NARROWEST = 240;

function viewOf(spec: JsonObject, element: HTMLElement): View {
  const width = Math.max(element.clientWidth, NARROWEST);
  const sized = { ...spec, width, autosize: { type: "fit-x", contains: "padding" } } as unknown as TopLevelSpec;
  const compiled = compile(sized, { config: configOf(element) as never, logger: logger(ErrorLevel) }).spec;
  const runtime = parse(compiled, {}, { ast: true });
  return new View(runtime, { expr: expressionInterpreter, renderer: "canvas", container: element, loader: NOTHING });
}

function configOf(element: HTMLElement): Config {
  const style = getComputedStyle(element);
  const token = (name: string) => paint(style.getPropertyValue(name), element);
  const text = {
    labelColor: token("--ink-2"),
    titleColor: token("--ink-2"),
    labelFont: style.fontFamily,
    titleFont: style.fontFamily,
  };
  const marks = { color: token("--accent") };
  return {
    background: "transparent",
    font: style.fontFamily,
    view: { stroke: "transparent" },
    title: { color: token("--ink"), font: style.fontFamily, fontSize: 13, fontWeight: 600, anchor: "start" },
    axis: {
      ...text,
      gridColor: token("--line"),
      domainColor: token("--line-strong"),
      tickColor: token("--line-strong"),
    },
    legend: text,
    bar: marks,
    line: { ...marks, strokeWidth: 2 },
    point: { ...marks, filled: true },
    area: marks,
    range: {
      category: [token("--accent"), token("--warn"), token("--accent-quiet"), token("--danger"), token("--ink-3")],
    },
  } as unknown as Config;
}

/** What a token's `light-dark()` is now: only the computed colour of an element says so. */
function paint(value: string, element: HTMLElement): string {
  const before = element.style.color;
  element.style.color = value;
  const now = getComputedStyle(element).color;
  element.style.color = before;
  return now;
}

/** Calls back when the place's width or the page's theme has changed. */
function watch(element: HTMLElement, changed: () => void): () => void {
  let width = element.clientWidth;
  const sizes = new ResizeObserver(() => {
    if (Math.abs(element.clientWidth - width) < 2) return;
    width = element.clientWidth;
    changed();
  });
  sizes.observe(element);
  const themes = new MutationObserver(changed);
  themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", changed);
  return () => {
    sizes.disconnect();
    themes.disconnect();
    scheme.removeEventListener("change", changed);
  };
}
