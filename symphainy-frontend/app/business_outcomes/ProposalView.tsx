import { Suspense } from "react";
import "./outcomes.css";
import "./document.css";
import { VegaChart } from "../data/charts";
import { plural } from "../format/quantities";
import { Boundary } from "../ui/Boundary";
import { Skeleton } from "../ui/Skeleton";
import type { Figure, Financials, Objective, ProposalDocument } from "./documents";
import { amount, dayText, fullDay, number, share, years } from "./figures";
import { CashFlowChart, TornadoChart } from "./MoneyCharts";
import { Risks } from "./Risks";
import { SourceLinks } from "./SourceLinks";

/** A proposal as a document to read: what it is for, what it costs and brings, and by which assumptions. */
export function ProposalView({ document: proposal }: { readonly document: ProposalDocument }) {
  const { financials } = proposal;
  return (
    <div className="outcome proposal">
      <KeyFigures financials={financials} />
      <div className="proposal-summary">
        {proposal.summary.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <section className="outcome-section">
        <h2>Objectives</h2>
        {proposal.objectives.map((objective) => (
          <ObjectiveCard key={objective.initiative} objective={objective} />
        ))}
      </section>
      <Scope proposal={proposal} />
      <Told proposal={proposal} />
      <section className="outcome-section">
        <h2>Costs and benefits</h2>
        <CashFlowChart financials={financials} />
        <AssumptionTable financials={financials} assumed={proposal.assumed} />
        <TornadoChart financials={financials} />
        <CashFlowTable financials={financials} />
      </section>
      <section className="outcome-section">
        <h2>Success criteria</h2>
        {proposal.criteria.length === 0 && (
          <p className="quiet">What is in scope has no number to measure success by.</p>
        )}
        <ul className="bulleted">
          {proposal.criteria.map((criterion) => (
            <li key={criterion.text} className={criterion.target === null ? "criterion-open" : ""}>
              {criterion.text}
            </li>
          ))}
        </ul>
      </section>
      <section className="outcome-section">
        <h2>Risks</h2>
        <Risks risks={proposal.risks} />
      </section>
      <section className="outcome-section">
        <h2>Next steps</h2>
        <ol className="numbered">
          {proposal.next_steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function KeyFigures({ financials }: { readonly financials: Financials }) {
  const { currency } = financials.assumptions;
  return (
    <dl className="key-figures" data-testid="key-figures">
      <div>
        <dt>Investment</dt>
        <dd>{amount(financials.investment, currency)}</dd>
      </div>
      <div className={financials.npv < 0 ? "figure-loss" : ""}>
        <dt>Net present value</dt>
        <dd>{amount(financials.npv, currency)}</dd>
      </div>
      <FigureItem label="Rate of return (IRR)" figure={financials.irr} words={share} />
      <FigureItem label="Payback" figure={financials.payback} words={years} />
      <FigureItem label="Return on investment" figure={financials.roi} words={share} />
    </dl>
  );
}

interface FigureItemProps {
  readonly label: string;
  readonly figure: Figure;
  readonly words: (value: number) => string;
}

function FigureItem({ label, figure, words }: FigureItemProps) {
  return (
    <div>
      <dt>{label}</dt>
      {figure.value === null ? (
        <dd className="figure-none">
          none<span className="quiet">{figure.undefined}</span>
        </dd>
      ) : (
        <dd>{words(figure.value)}</dd>
      )}
    </div>
  );
}

function ObjectiveCard({ objective }: { readonly objective: Objective }) {
  const numbers = Object.entries(objective.numbers);
  return (
    <article className="objective" data-testid="objective">
      <h3>
        <span className="initiative-no">{objective.initiative}</span> {objective.title}
      </h3>
      <p>{objective.why}</p>
      {numbers.length > 0 && (
        <dl className="numbers">
          {numbers.map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll("_", " ")}</dt>
              <dd>{typeof value === "number" ? number(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {objective.chart && (
        <Boundary>
          <Suspense fallback={<Skeleton label="Drawing the chart" lines={5} />}>
            <VegaChart spec={objective.chart} label={objective.title} />
          </Suspense>
        </Boundary>
      )}
      <SourceLinks sources={objective.sources} />
    </article>
  );
}

function Scope({ proposal }: { readonly proposal: ProposalDocument }) {
  return (
    <section className="outcome-section">
      <h2>Scope and time</h2>
      <p className="quiet">
        {dayText(proposal.start)} – {fullDay(proposal.finish)}, as in the roadmap.
      </p>
      <div className="scope">
        <div>
          <h3>In scope</h3>
          <ul className="bulleted">
            {proposal.in_scope.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </div>
        <div>
          <h3>Not in scope</h3>
          {proposal.out_of_scope.length === 0 && <p className="quiet">Nothing of the roadmap is left out.</p>}
          <ul className="bulleted">
            {proposal.out_of_scope.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  );
}

function Told({ proposal }: { readonly proposal: ProposalDocument }) {
  if (proposal.context.length === 0) return null;
  return (
    <section className="outcome-section">
      <h2>What you told us</h2>
      <ul className="bulleted">
        {proposal.context.map((note) => (
          <li key={note.text}>{note.text}</li>
        ))}
      </ul>
    </section>
  );
}

function AssumptionTable({
  financials,
  assumed,
}: { readonly financials: Financials } & Pick<ProposalDocument, "assumed">) {
  const given = financials.assumptions;
  const money = (value: number) => `${number(value)} ${given.currency}`;
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ["Person-days in scope", number(given.effort), assumed.effort],
    ["Cost of a person-day", money(given.cost_per_day), assumed.cost_per_day],
    ["One-off cost", money(given.one_off_cost), assumed.one_off_cost],
    ["Yearly cost", money(given.yearly_cost), assumed.yearly_cost],
    ["Yearly benefit", money(given.yearly_benefit), assumed.yearly_benefit],
    ["Discount rate", `${number(given.discount_rate * 100)} %`, assumed.discount_rate],
    ["Horizon", plural(given.horizon, "year"), assumed.horizon],
  ];
  return (
    <div>
      <h3>Assumptions</h3>
      <table className="plain-table" data-testid="assumptions">
        <thead>
          <tr>
            <th scope="col">Assumption</th>
            <th scope="col" className="numeric">
              Value
            </th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, value, source]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td className="numeric">{value}</td>
              <td className="quiet">{source}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="break-even quiet">
        The net present value is 0 at a yearly benefit of {amount(financials.break_even_benefit, given.currency)}.
      </p>
    </div>
  );
}

const COLUMNS = ["benefit", "cost", "flow", "discounted", "cumulative"] as const;

function CashFlowTable({ financials }: { readonly financials: Financials }) {
  return (
    <details className="fold">
      <summary>The numbers behind it</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and must be reachable by keyboard */}
      <section className="table-scroll" aria-label="Cash flow by year" tabIndex={0}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Year</th>
              {["Benefit", "Cost", "Flow", "Discounted", "Added up"].map((name) => (
                <th scope="col" className="numeric" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {financials.years.map((year) => (
              <tr key={year.year}>
                <th scope="row">{year.year}</th>
                {COLUMNS.map((column) => (
                  <td key={column} className="numeric">
                    {amount(year[column], "")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="quiet formula">
        Investment = person-days × cost of a person-day + one-off cost, all in year 0. From year 1: benefit − cost. NPV
        = sum of flow / (1 + rate)^year. IRR is the rate at which the NPV is 0. Payback counts the years until the flows
        add up to 0, not discounted. ROI = (flows from year 1 − investment) / investment. Without taxes and inflation.
      </p>
    </details>
  );
}
