import { useCallback, useRef } from "react";
import "./outcomes.css";
import "./document.css";
import { plural } from "../format/quantities";
import { useMinutes } from "../format/useNow";
import type { Initiative, Phase, RoadmapDocument } from "./documents";
import { dayText, fullDay, number } from "./figures";
import { Risks } from "./Risks";
import { SourceLinks } from "./SourceLinks";
import { Timeline } from "./Timeline";

/** A roadmap: its picture, every initiative with what it comes from, milestones, risks, and how it was planned. */
export function RoadmapView({ document: roadmap }: { readonly document: RoadmapDocument }) {
  const list = useRef<HTMLDivElement>(null);
  const today = new Date(useMinutes()).toISOString().slice(0, 10);
  const pick = useCallback((no: string) => {
    const found = list.current?.querySelector<HTMLDetailsElement>(`[data-no="${CSS.escape(no)}"]`);
    if (!found) return;
    found.open = true;
    found.querySelector("summary")?.focus({ preventScroll: true });
    found.scrollIntoView({ block: "center", behavior: "smooth" });
  }, []);
  return (
    <div className="outcome">
      <Facts roadmap={roadmap} />
      <Timeline roadmap={roadmap} today={today} onPick={pick} />
      <DateTable roadmap={roadmap} />
      <div ref={list} className="outcome-section">
        {roadmap.phases.map((phase) => (
          <PhaseSection key={phase.no} phase={phase} initiatives={roadmap.initiatives} />
        ))}
      </div>
      <section className="outcome-section">
        <h2>Milestones</h2>
        <ol className="milestones">
          {roadmap.milestones.map((item) => (
            <li key={`${item.date} ${item.title}`} className={item.met === false ? "milestone-missed" : ""}>
              <time dateTime={item.date}>{fullDay(item.date)}</time>
              <span>{item.title}</span>
            </li>
          ))}
        </ol>
      </section>
      <section className="outcome-section">
        <h2>Risks</h2>
        <Risks risks={roadmap.risks} />
      </section>
      <Planning roadmap={roadmap} />
    </div>
  );
}

function Facts({ roadmap }: { readonly roadmap: RoadmapDocument }) {
  const { team } = roadmap;
  return (
    <dl className="fact-strip">
      <div>
        <dt>Runs</dt>
        <dd>
          {dayText(roadmap.start)} – {fullDay(roadmap.finish)}
        </dd>
      </div>
      <div>
        <dt>Length</dt>
        <dd>{plural(roadmap.working_days, "working day")}</dd>
      </div>
      <div>
        <dt>Effort</dt>
        <dd>{number(roadmap.effort)} person-days</dd>
      </div>
      <div>
        <dt>Team</dt>
        <dd>
          {plural(team.size, "person", "people")}, {team.people_each} on one initiative
        </dd>
      </div>
      <div>
        <dt>Critical path</dt>
        <dd>{roadmap.critical_path.join(" → ")}</dd>
      </div>
    </dl>
  );
}

function DateTable({ roadmap }: { readonly roadmap: RoadmapDocument }) {
  return (
    <details className="fold">
      <summary>The timeline as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and must be reachable by keyboard */}
      <section className="table-scroll" aria-label="Dates of every initiative" tabIndex={0}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">No.</th>
              <th scope="col">Initiative</th>
              <th scope="col" className="numeric">
                Person-days
              </th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">After</th>
              <th scope="col">Critical</th>
            </tr>
          </thead>
          <tbody>
            {roadmap.initiatives.map((item) => (
              <tr key={item.no}>
                <td>{item.no}</td>
                <th scope="row">{item.title}</th>
                <td className="numeric">{number(item.effort)}</td>
                <td>{fullDay(item.start)}</td>
                <td>{fullDay(item.finish)}</td>
                <td>{item.after.map((link) => link.after).join(", ")}</td>
                <td>{item.critical ? "yes" : "no"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function PhaseSection({ phase, initiatives }: { readonly phase: Phase; readonly initiatives: readonly Initiative[] }) {
  return (
    <section className="phase" data-testid="phase" aria-label={`Phase ${phase.no}`}>
      <header className="phase-head">
        <h2>
          <span className="phase-no">Phase {phase.no}</span> {phase.title}
        </h2>
        <p className="quiet">
          {dayText(phase.start)} – {fullDay(phase.finish)}
        </p>
      </header>
      {initiatives
        .filter((item) => item.phase === phase.no)
        .map((item) => (
          <InitiativeRow key={item.no} item={item} />
        ))}
    </section>
  );
}

function InitiativeRow({ item }: { readonly item: Initiative }) {
  return (
    <details className="initiative" data-no={item.no}>
      <summary>
        <span className={item.critical ? "initiative-no initiative-critical" : "initiative-no"}>{item.no}</span>
        <span className="initiative-title">{item.title}</span>
        <span className="initiative-when quiet">
          {number(item.effort)} person-days · {dayText(item.start)} – {dayText(item.finish)}
        </span>
      </summary>
      <div className="initiative-body">
        <p>{item.why}</p>
        {item.recommendations.length > 0 && (
          <ul className="bulleted">
            {item.recommendations.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        {item.after.length > 0 && (
          <ul className="after">
            {item.after.map((link) => (
              <li key={link.after}>
                After <strong>{link.after}</strong>: {link.reason}
              </li>
            ))}
          </ul>
        )}
        <SourceLinks sources={item.sources} />
      </div>
    </details>
  );
}

function Planning({ roadmap }: { readonly roadmap: RoadmapDocument }) {
  return (
    <details className="fold">
      <summary>How this was planned</summary>
      <ul className="bulleted">
        {roadmap.rules.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ul>
      {roadmap.not_planned.length > 0 && (
        <>
          <h3>Not planned</h3>
          <ul className="bulleted">
            {roadmap.not_planned.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}
