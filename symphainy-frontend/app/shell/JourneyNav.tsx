import type { OrchestratorStates } from "../../shared/sync/types";
import { AREAS, type AreaName } from "../areas/catalogue";
import { Link } from "../routing/Link";
import { StatusMark, statusWord } from "../ui/StatusMark";

interface JourneyNavProps {
  readonly current: AreaName;
  readonly states: OrchestratorStates;
}

/** The four areas in the recommended order. Any of them can be opened at any time. */
export function JourneyNav({ current, states }: JourneyNavProps) {
  return (
    <nav className="journey" aria-label="Journey">
      <ol>
        {AREAS.map((area, position) => {
          const state = states[area.orchestrator];
          return (
            <li key={area.name} className={`journey-step journey-${state}`}>
              <Link
                to={{ area: area.name }}
                className="journey-link"
                aria-current={area.name === current ? "page" : undefined}
                data-testid={`area-${area.name}`}
                data-status={state}
              >
                <StatusMark status={state} number={position + 1} />
                <span className="journey-text">
                  <span className="journey-label" data-short={area.shortLabel}>
                    {area.label}
                  </span>
                  <span className={state === "not_started" ? "visually-hidden" : "journey-state"}>
                    {statusWord(state)}
                  </span>
                </span>
              </Link>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
