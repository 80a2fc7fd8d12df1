import "./outcomes.css";
import "./summary.css";
import { Link } from "../routing/Link";
import { Icon } from "../ui/Icon";
import type { AreaSummary, SummaryDocument } from "./documents";
import { number } from "./figures";
import { SourceLinks } from "./SourceLinks";

const FIGURES_SHOWN = 4;

/** What each of the other areas found, with its numbers; where one has no result, what to do. */
export function SummaryView({ document: summary }: { readonly document: SummaryDocument }) {
  return (
    <div className="area-cards" data-testid="summary">
      {summary.areas.map((area) => (
        <AreaCard key={area.area} area={area} />
      ))}
    </div>
  );
}

function AreaCard({ area }: { readonly area: AreaSummary }) {
  return (
    <article className={area.ready ? "area-card" : "area-card area-card-empty"} data-area={area.area}>
      <h3>
        <Link to={{ area: area.area }}>
          {area.label} <Icon name="arrow" size={14} />
        </Link>
      </h3>
      {area.figures.length > 0 && (
        <dl className="area-figures">
          {area.figures.slice(0, FIGURES_SHOWN).map((figure) => (
            <div key={figure.key}>
              <dd>{number(figure.value)}</dd>
              <dt>{figure.label}</dt>
            </div>
          ))}
        </dl>
      )}
      <ul className="area-sentences">
        {area.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {area.action && <p className="area-action">{area.action}</p>}
      {area.ready && <SourceLinks sources={area.sources} />}
    </article>
  );
}
