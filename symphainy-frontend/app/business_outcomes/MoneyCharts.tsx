import "./money.css";
import type { Financials, Swing, Year } from "./documents";
import { amount, shortAmount } from "./figures";

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 64;
const TOP = 14;
const BOTTOM = 30;

/** Each year's flow as a bar, what they add up to as a line. Where the line crosses 0 the investment is paid back. */
export function CashFlowChart({ financials }: { readonly financials: Financials }) {
  const { years, assumptions } = financials;
  const values = years.flatMap((year) => [year.flow, year.cumulative]);
  const { low, high, ticks } = axisOf(Math.min(0, ...values), Math.max(0, ...values));
  const y = (value: number) => TOP + ((high - value) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  const band = (WIDTH - LEFT - 8) / years.length;
  const x = (position: number) => LEFT + band * (position + 0.5);
  const line = years
    .map((year, position) => `${position === 0 ? "M" : "L"}${x(position)} ${y(year.cumulative)}`)
    .join("");
  return (
    <figure className="money-chart">
      <figcaption>Cash flow by year, and added up ({assumptions.currency})</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={flowInWords(financials)}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line
              className={tick === 0 ? "axis-zero" : "axis-line"}
              x1={LEFT}
              x2={WIDTH - 8}
              y1={y(tick)}
              y2={y(tick)}
            />
            <text className="axis-label" x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
              {shortAmount(tick)}
            </text>
          </g>
        ))}
        {years.map((year, position) => (
          <FlowBar key={year.year} year={year} x={x(position)} band={band} y={y} currency={assumptions.currency} />
        ))}
        <path className="flow-line" d={line} />
        {years.map((year, position) => (
          <circle key={year.year} className="flow-dot" cx={x(position)} cy={y(year.cumulative)} r={3.5} />
        ))}
      </svg>
      <p className="money-legend">
        <span className="legend-flow">each year</span>
        <span className="legend-sum">added up</span>
      </p>
    </figure>
  );
}

interface FlowBarProps {
  readonly year: Year;
  readonly x: number;
  readonly band: number;
  readonly y: (value: number) => number;
  readonly currency: string;
}

function FlowBar({ year, x, band, y, currency }: FlowBarProps) {
  const width = Math.min(band * 0.56, 56);
  const top = y(Math.max(year.flow, 0));
  return (
    <g>
      <title>{`Year ${year.year}: ${amount(year.flow, currency)}, added up ${amount(year.cumulative, currency)}`}</title>
      <rect
        className={year.flow < 0 ? "flow-bar flow-out" : "flow-bar"}
        x={x - width / 2}
        y={top}
        width={width}
        height={Math.max(y(Math.min(year.flow, 0)) - top, 1)}
        rx={2}
      />
      <text className="axis-label" x={x} y={HEIGHT - 8} textAnchor="middle">
        {year.year}
      </text>
    </g>
  );
}

const ROW = 40;
const NAMES = 156;
const ENDS = 58;

/** What the net present value would be with each assumption a fifth lower and a fifth higher, the widest swing on top. */
export function TornadoChart({ financials }: { readonly financials: Financials }) {
  const { sensitivity, npv, assumptions } = financials;
  if (sensitivity.length === 0) return null;
  const values = sensitivity.flatMap((swing) => [swing.npv_at_low, swing.npv_at_high]);
  const low = Math.min(npv, ...values);
  const high = Math.max(npv, ...values);
  const x = (value: number) => NAMES + ENDS + ((value - low) / (high - low || 1)) * (WIDTH - NAMES - 2 * ENDS);
  const height = sensitivity.length * ROW + 26;
  return (
    <figure className="money-chart">
      <figcaption>Net present value if one assumption is a fifth lower or higher ({assumptions.currency})</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={swingsInWords(financials)}>
        {sensitivity.map((swing, row) => (
          <SwingRow key={swing.assumption} swing={swing} row={row} npv={npv} x={x} />
        ))}
        {low < 0 && high > 0 && <line className="loss-line" x1={x(0)} x2={x(0)} y1={0} y2={height - 24} />}
        <line className="npv-line" x1={x(npv)} x2={x(npv)} y1={0} y2={height - 20} />
        <text className="axis-label" x={x(npv)} y={height - 6} textAnchor="middle">
          {shortAmount(npv)} as assumed
        </text>
      </svg>
      <p className="money-legend">
        <span className="legend-lower">a fifth lower</span>
        <span className="legend-higher">a fifth higher</span>
        {low < 0 && high > 0 && <span className="legend-loss">below this line it loses money</span>}
      </p>
    </figure>
  );
}

interface SwingRowProps {
  readonly swing: Swing;
  readonly row: number;
  readonly npv: number;
  readonly x: (value: number) => number;
}

function SwingRow({ swing, row, npv, x }: SwingRowProps) {
  const y = row * ROW + 8;
  const parts = [
    { name: "lower", value: swing.npv_at_low },
    { name: "higher", value: swing.npv_at_high },
  ];
  return (
    <g>
      <text className="swing-name" x={0} y={y + 16}>
        {swing.label}
      </text>
      {parts.map(({ name, value }) => (
        <g key={name}>
          <rect
            className={`swing swing-${name}`}
            x={Math.min(x(value), x(npv))}
            y={y}
            width={Math.max(Math.abs(x(value) - x(npv)), 1)}
            height={24}
          />
          <text
            className="axis-label"
            x={x(value) + (value < npv ? -6 : 6)}
            y={y + 16}
            textAnchor={value < npv ? "end" : "start"}
          >
            {shortAmount(value)}
          </text>
        </g>
      ))}
    </g>
  );
}

const flowInWords = ({ years, assumptions }: Financials) =>
  years.map((year) => `Year ${year.year}: ${amount(year.flow, assumptions.currency)}`).join(", ");

const swingsInWords = ({ sensitivity, assumptions: { currency } }: Financials) =>
  sensitivity
    .map((swing) => `${swing.label}: ${amount(swing.npv_at_low, currency)} to ${amount(swing.npv_at_high, currency)}`)
    .join("; ");

const STEPS = [1, 2, 2.5, 5, 10];

/** Round numbers that hold both ends, four to seven of them, 0 among them. */
export function axisOf(low: number, high: number): { low: number; high: number; ticks: readonly number[] } {
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((size) => size * power >= rough) ?? 10) * power;
  const from = Math.floor(low / step);
  const to = Math.ceil(high / step);
  const ticks = Array.from({ length: to - from + 1 }, (_, position) => (from + position) * step);
  return { low: from * step, high: to * step, ticks };
}
