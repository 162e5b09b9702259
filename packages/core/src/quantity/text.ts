/** @file Formats quantities with units, for interfaces and reports. */
import { type Bytes, dollars, type Seconds, type Usd } from "./quantity.ts";

/** `1.05 GB`: decimal units, three significant digits. */
export function bytesText(count: Bytes): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value: number = count;
  let step = 0;
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  return `${step === 0 ? value : Number(value.toPrecision(3))} ${units[step]}`;
}

/** `$3.10`, with more digits below a cent so that small costs are not shown as zero. */
export function usdText(money: Usd): string {
  const value = dollars(money);
  const size = Math.abs(value);
  const digits = size === 0 || size >= 0.995 ? 2 : size >= 0.01 ? 3 : 6;
  return `${value < 0 ? "-" : ""}$${size.toFixed(digits)}`;
}

/** `48 s`, `3 min 20 s`, `1 h 50 min`. */
export function secondsText(time: Seconds): string {
  if (time < 0.95) return `${Math.round(time * 1000)} ms`;
  const whole = Math.round(time);
  if (whole < 60) return `${time < 9.95 ? time.toFixed(1) : whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  const hours = Math.floor(Math.round(time / 60) / 60);
  const rest = Math.round(time / 60) % 60;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

/**
 * `1 row`, `0 rows`, `1204 rows`: the only place that pluralizes.
 *
 * @param many plural, unless it is the singular plus `s`
 */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `1.2 M`, `45 k`, `317`: counts of tokens, rows and parameters. */
export function countText(count: number): string {
  if (count >= 999_500_000) return `${Number((count / 1e9).toPrecision(3))} B`;
  if (count >= 999_500) return `${Number((count / 1e6).toPrecision(3))} M`;
  if (count >= 9_995) return `${Number((count / 1e3).toPrecision(3))} k`;
  return `${count}`;
}
