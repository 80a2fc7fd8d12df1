import { useEffect, useState } from "react";
import { useGlobalSession, useView } from "../../shared/session/context";
import type { JsonObject } from "../../shared/sync/types";
import type { View } from "../../shared/sync/view";
import { useAttempt } from "../shell/failures";

export type Shape = "chart" | "table";

const NOTHING: JsonObject = {};

const settingsOf = (view: View): JsonObject => {
  const kept = view.state.insights;
  return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? (kept as JsonObject) : NOTHING;
};

/** What is shown at once, until the session says it too: its answer to the request may come before its entry does. */
const without = (chosen: JsonObject, kept: JsonObject): JsonObject => {
  const left = Object.entries(chosen).filter(([name, value]) => kept[name] !== value);
  return left.length === Object.keys(chosen).length ? chosen : Object.fromEntries(left);
};

/** What the user chose to see, kept in the session: the same after a reload and in every tab. */
export function useSettings() {
  const { client } = useGlobalSession();
  const attempt = useAttempt();
  const kept = useView(settingsOf);
  const [chosen, setChosen] = useState(NOTHING);
  useEffect(() => setChosen((before) => without(before, kept)), [kept]);
  const set = (patch: JsonObject) => {
    setChosen((before) => ({ ...before, ...patch }));
    attempt("Keeping your choice", async () => {
      await client.patchState({ insights: patch });
    });
  };
  return { settings: { ...kept, ...chosen }, set };
}

export function useShape(fallback: Shape): [Shape, (shape: Shape) => void] {
  const { settings, set } = useSettings();
  const shape = settings.shape === "chart" || settings.shape === "table" ? settings.shape : fallback;
  return [shape, (chosen) => set({ shape: chosen })];
}

export function ShapeToggle({ shape, onShape }: { readonly shape: Shape; readonly onShape: (shape: Shape) => void }) {
  return (
    <fieldset className="shape-toggle">
      <legend className="visually-hidden">Show results as</legend>
      {(["chart", "table"] as const).map((name) => (
        <button key={name} type="button" aria-pressed={shape === name} onClick={() => onShape(name)}>
          {name === "chart" ? "Chart" : "Table"}
        </button>
      ))}
    </fieldset>
  );
}
