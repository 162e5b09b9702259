/** @file Formats numbers, money and times for display. */

const minus = "−";

/** Formats micro-dollars: $12.40, $0.0031. */
export function moneyText(microUsd: number | null | undefined): string {
  if (microUsd == null) return "";
  const dollars = Math.abs(microUsd) / 1e6;
  const sign = microUsd < 0 ? minus : "";
  if (dollars === 0) return "$0";
  if (dollars < 0.01) return `${sign}$${dollars.toPrecision(2)}`;
  return `${sign}$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** Formats money with three significant digits below a dollar, for comparing small sums. */
export function fineMoneyText(microUsd: number): string {
  const dollars = microUsd / 1e6;
  return dollars > 0 && dollars < 1 ? `$${Number(dollars.toPrecision(3))}` : moneyText(microUsd);
}

/** Formats a forecast with its interval, in micro-dollars: $498.00 [$455.00 to $560.00]. */
export function forecastText({
  low,
  median,
  high,
}: {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}): string {
  return `${moneyText(median)} [${moneyText(low)} to ${moneyText(high)}]`;
}

/** Formats a measured value with four significant digits. */
export function numberText(value: number | string | null | undefined): string {
  if (value == null) return "";
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return signed(value, value.toLocaleString("en-US"));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return signed(value, value.toExponential(3));
  return signed(value, String(Number(value.toPrecision(4))));
}

function signed(value: number, text: string): string {
  return value < 0 ? minus + text.replace(/^-/, "") : text;
}

/** Formats a difference with its sign: +0.043, −0.014. */
export function differenceText(value: number): string {
  return value > 0 ? `+${numberText(value)}` : numberText(value);
}

/** Formats seconds: 42 s, 12 min, 3 h 20 min, 2 d 4 h. */
export function durationText(seconds: number | null | undefined): string {
  if (seconds == null) return "";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Formats bytes: 812 B, 1.2 MB, 3.4 GB. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [size, unit] = [bytes, 0];
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1000;
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

const moment = new Intl.DateTimeFormat("en-CA", {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** Formats milliseconds since 1970 in the browser's time zone: 2026-11-28 14:05. */
export function timeText(ms: number | null | undefined): string {
  return ms == null ? "" : moment.format(ms).replace(", ", " ");
}

/** Formats the time since an instant: 5 min ago. */
export function agoText(ms: number, nowMs: number = Date.now()): string {
  return `${durationText(Math.max(0, nowMs - ms) / 1000)} ago`;
}

/** Formats a count with its noun: 1 run, 2 runs. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** The UTC day of an instant, as in the ledger: 2026-11-28. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
