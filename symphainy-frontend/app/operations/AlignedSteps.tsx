import type { Blueprint, Gap } from "./documents";

interface Row {
  readonly key: string;
  readonly sop: { readonly no: string; readonly action: string; readonly role: string | null } | null;
  readonly workflow: { readonly no: string; readonly action: string; readonly role: string | null } | null;
  readonly link: string;
}

/** Both documents side by side, step beside step: a line where they agree, a broken one where they differ, a gap where one is missing. */
export function AlignedSteps({ blueprint }: { readonly blueprint: Blueprint }) {
  return (
    <table className="aligned">
      <thead>
        <tr>
          <th scope="col">In the SOP</th>
          <th scope="col">
            <span className="visually-hidden">Agreement</span>
          </th>
          <th scope="col">In the workflow</th>
        </tr>
      </thead>
      <tbody>
        {rowsOf(blueprint).map((row) => (
          <tr key={row.key}>
            <Cell side={row.sop} missing="not in the SOP" />
            <td className={`aligned-link ${row.link === "" ? "agreed" : "differs"}`}>
              <span className={row.link === "" ? "visually-hidden" : "aligned-word"}>{row.link || "agrees"}</span>
            </td>
            <Cell side={row.workflow} missing="not in the workflow" />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ side, missing }: { readonly side: Row["sop"]; readonly missing: string }) {
  if (side === null) {
    return (
      <td>
        <span className="aligned-step aligned-missing">{missing}</span>
      </td>
    );
  }
  return (
    <td>
      <span className="aligned-step">
        <span className="quiet numeric">{side.no}</span>
        <span className="aligned-action">
          {side.action}
          {side.role && <span className="procedure-role">{side.role}</span>}
        </span>
      </span>
    </td>
  );
}

/** In the order of the SOP; what only the workflow has stands at the end, in its order. */
function rowsOf({ aligned, gaps }: Blueprint): readonly Row[] {
  const paired = aligned.map((pair) => ({
    place: placeOf(pair.sop_step),
    row: {
      key: `pair-${pair.sop_step}`,
      sop: { no: pair.sop_step, action: pair.sop_action, role: pair.sop_role },
      workflow: { no: pair.workflow_step, action: pair.workflow_action, role: pair.workflow_role },
      link: pair.mismatches.join(", "),
    },
  }));
  const lost = gaps
    .filter((gap) => gap.kind === "missing_in_workflow")
    .map((gap) => ({
      place: placeOf(gap.sop_step ?? ""),
      row: { key: gap.gap_id, sop: sideOf(gap, gap.sop_step), workflow: null, link: "missing" },
    }));
  const extra = gaps
    .filter((gap) => gap.kind === "missing_in_sop")
    .map((gap) => ({
      place: Number.POSITIVE_INFINITY,
      row: { key: gap.gap_id, sop: null, workflow: sideOf(gap, gap.workflow_step), link: "missing" },
    }));
  return [...paired, ...lost, ...extra].toSorted((one, other) => one.place - other.place || 0).map(({ row }) => row);
}

const quoted = (gap: Gap): string => /“([^”]+)”/.exec(gap.statement)?.[1] ?? gap.statement;

const sideOf = (gap: Gap, no: string | null) => ({ no: no ?? "", action: quoted(gap), role: null });

/** `3`, `3.1` and `3 (otherwise)` in this order. */
function placeOf(no: string): number {
  const [main = "0", part = "0"] = no.split(/[ .]/);
  return Number(main) + (no.includes("otherwise") ? 0.5 : Number(part) / 100);
}
