import "./outlook.css";
import { plural } from "../format/quantities";
import { Link } from "../routing/Link";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { AREAS, type Area } from "./catalogue";
import { OUTLOOKS } from "./outlook";
import type { AreaPageProps } from "./pages";

interface OutlookPageProps extends AreaPageProps {
  readonly area: Area;
}

/** An area that is ahead: what it will answer, and what to bring for it. It offers nothing that it cannot do. */
export default function OutlookPage({ area, session, onAsk }: OutlookPageProps) {
  const outlook = OUTLOOKS[area.name];
  if (outlook === undefined) return null;
  const files = Object.values(session.files);
  const place = AREAS.findIndex((item) => item.name === area.name) + 1;
  return (
    <div className="page outlook">
      <header className="page-head">
        <p className="page-place">
          Step {place} of {AREAS.length}
        </p>
        <h1>{area.label}</h1>
        <p className="lede">{area.purpose}</p>
      </header>
      <section className="outlook-question" aria-labelledby="answers-title">
        <h2 id="answers-title">{outlook.question}</h2>
        <ul className="outlook-answers">
          {outlook.answers.map((answer) => (
            <li key={answer}>
              <Icon name="arrow" size={14} />
              <span>{answer}</span>
            </li>
          ))}
        </ul>
        <p className="quiet">{outlook.builtOn} This area is being prepared; what you bring now will be ready for it.</p>
      </section>
      <section aria-labelledby="bring-title">
        <h2 id="bring-title">What to bring</h2>
        <ul className="outlook-bring">
          {outlook.brings.map(({ what, why }) => (
            <li key={what}>
              <strong>{what}</strong>
              <span className="quiet">{why}</span>
            </li>
          ))}
        </ul>
        <p className="outlook-next">
          <Link to={{ area: "content" }} className="button button-primary">
            {files.length === 0 ? "Bring files in Content" : `See your ${plural(files.length, "file")} in Content`}
          </Link>
          <Button icon="chat" onClick={() => onAsk(outlook.ask, "guide_agent")}>
            Ask the guide
          </Button>
        </p>
      </section>
    </div>
  );
}
