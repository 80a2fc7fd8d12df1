const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const clockTime = (iso: string): string => CLOCK.format(new Date(iso));
export const fullTime = (iso: string): string => FULL.format(new Date(iso));

const dayNumber = (time: Date) => Math.floor((time.getTime() - time.getTimezoneOffset() * 60_000) / 86_400_000);

export const sameDay = (one: string, other: string): boolean => dayNumber(new Date(one)) === dayNumber(new Date(other));

export function dayName(iso: string, now: number): string {
  const time = new Date(iso);
  const days = dayNumber(new Date(now)) - dayNumber(time);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return days < 300 ? DAY.format(time) : DAY_OF_YEAR.format(time);
}

export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return AGO.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return AGO.format(-Math.floor(seconds / 3600), "hour");
  return seconds < 14 * 86_400 ? AGO.format(-Math.floor(seconds / 86_400), "day") : DAY_OF_YEAR.format(new Date(iso));
}

/** Milliseconds as a person would say them: `340 ms`, `4.2 s`, `3 min 05 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, "0")} min`;
}

/** For something that is going on: whole seconds, so that it ticks once a second. */
export const running = (milliseconds: number): string =>
  milliseconds < 60_000
    ? `${Math.floor(Math.max(0, milliseconds) / 1000)} s`
    : duration(Math.floor(milliseconds / 1000) * 1000);
