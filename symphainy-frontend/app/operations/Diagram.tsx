import "bpmn-js/dist/assets/diagram-js.css";
import "./diagram.css";
import type NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Skeleton } from "../ui/Skeleton";

interface DiagramProps {
  readonly bpmn: string;
  /** What it shows, for those who cannot see it; the steps beside it say the rest. */
  readonly label: string;
}

type State = "loading" | "ready" | "failed";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Canvas {
  readonly resized: () => void;
  readonly zoom: (to?: number | "fit-viewport", center?: "auto") => number;
  readonly viewbox: (box?: Box) => {
    readonly inner: Box;
    readonly outer: { readonly width: number; readonly height: number };
  };
}

const LARGEST = 4;
const SMALLEST = 0.2;
/** Below this scale a task's text cannot be read any more. */
const READABLE = 0.7;
const EDGE = 16;

/** A BPMN diagram to look at: drag or arrow keys move it, Ctrl and the wheel or the buttons zoom. */
export default function Diagram({ bpmn, label }: DiagramProps) {
  const place = useRef<HTMLDivElement>(null);
  const viewer = useRef<NavigatedViewer>(null);
  const [state, setState] = useState<State>("loading");
  useEffect(() => {
    const container = place.current;
    if (container === null) return;
    let left = false;
    let placed = false;
    // A hidden place has no size to fit a diagram into: on a phone that is showing the chat.
    const showOnce = () => {
      if (placed || viewer.current === null || container.clientWidth === 0) return;
      placed = true;
      viewer.current.get<Canvas>("canvas").resized();
      showReadable(viewer.current);
    };
    const sized = new ResizeObserver(showOnce);
    sized.observe(container);
    setState("loading");
    open(container, bpmn).then(
      (opened) => {
        if (left) {
          opened.destroy();
          return;
        }
        viewer.current = opened;
        showOnce();
        setState("ready");
      },
      () => !left && setState("failed"),
    );
    return () => {
      left = true;
      sized.disconnect();
      viewer.current?.destroy();
      viewer.current = null;
    };
  }, [bpmn]);
  const zoom = (factor: number) => {
    const canvas = viewer.current?.get<Canvas>("canvas");
    canvas?.zoom(Math.min(LARGEST, Math.max(SMALLEST, canvas.zoom() * factor)), "auto");
  };
  return (
    <figure className="diagram" aria-label={label} data-testid="diagram" data-state={state}>
      <div className="diagram-tools">
        <Button small onClick={() => zoom(1.25)} disabled={state !== "ready"} aria-label="Zoom in">
          +
        </Button>
        <Button small onClick={() => zoom(0.8)} disabled={state !== "ready"} aria-label="Zoom out">
          −
        </Button>
        <Button small onClick={() => viewer.current && showWhole(viewer.current)} disabled={state !== "ready"}>
          Fit
        </Button>
      </div>
      {state === "loading" && <Skeleton label="Drawing the diagram" lines={5} />}
      {state === "failed" && (
        <Notice tone="warn">This diagram cannot be drawn here. Its steps are listed beside it.</Notice>
      )}
      <div ref={place} className="diagram-canvas" hidden={state === "failed"} />
    </figure>
  );
}

async function open(container: HTMLElement, bpmn: string): Promise<NavigatedViewer> {
  const { default: Viewer } = await import("bpmn-js/lib/NavigatedViewer");
  const viewer = new Viewer({
    container,
    bpmnRenderer: {
      defaultFillColor: "var(--surface)",
      defaultStrokeColor: "var(--ink-2)",
      defaultLabelColor: "var(--ink)",
    },
    // Texts are measured on a canvas, which knows no custom property.
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(container).fontFamily } },
  });
  try {
    await viewer.importXML(bpmn);
  } catch (reason) {
    viewer.destroy();
    throw reason;
  }
  return viewer;
}

function showWhole(viewer: NavigatedViewer) {
  viewer.get<Canvas>("canvas").zoom("fit-viewport", "auto");
}

/** The whole diagram if it can be read then, else its beginning. */
function showReadable(viewer: NavigatedViewer) {
  const canvas = viewer.get<Canvas>("canvas");
  showWhole(viewer);
  if (canvas.zoom() >= READABLE) return;
  const { inner, outer } = canvas.viewbox();
  const [width, height] = [outer.width / READABLE, outer.height / READABLE];
  const top = Math.max(0, (height - inner.height) / 2);
  canvas.viewbox({ x: inner.x - EDGE, y: inner.y - (top || EDGE), width, height });
}
