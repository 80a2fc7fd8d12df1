const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });

export const whole = (value: number): string => WHOLE.format(value);

/** A measured number: whole numbers with separators, others to five significant digits. */
export function measured(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100_000 ? WHOLE.format(value) : FINE.format(value);
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${WHOLE.format(count)} ${count === 1 ? one : many}`;

/** In steps of 1024, as file managers count. */
export function bytes(count: number): string {
  if (count < 1024) return plural(count, "byte");
  const units = ["KB", "MB", "GB", "TB"];
  let value = count / 1024;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "<0.1%";
  if (value < 100 && value > 99.9) return ">99.9%";
  return `${value < 10 && !Number.isInteger(value) ? value.toFixed(1) : value.toFixed(0)}%`;
}
