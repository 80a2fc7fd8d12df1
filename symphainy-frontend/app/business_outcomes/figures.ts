/** Dates of a plan and amounts of money, as people write them. */

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const FULL = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

export const DAY_MS = 86_400_000;

export const dayNumber = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / DAY_MS;
export const dayText = (iso: string): string => DAY.format(Date.parse(`${iso}T00:00:00Z`));
export const fullDay = (iso: string): string => FULL.format(Date.parse(`${iso}T00:00:00Z`));
export const monthText = (day: number): string => MONTH.format(day * DAY_MS);
export const dayOfNumber = (day: number): string => DAY.format(day * DAY_MS);

export const amount = (value: number, currency: string): string => `${WHOLE.format(value)} ${currency}`;
export const shortAmount = (value: number): string => SHORT.format(value);
export const number = (value: number): string => FINE.format(value);
export const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
export const years = (value: number): string => `${value.toFixed(1)} years`;
