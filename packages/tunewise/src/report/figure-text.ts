/** @file Formats scores, losses, counts and timestamps for reports. */

import { countText, type Range } from "@tunewise/core/quantity";
import { type Interval, metricKinds } from "../evaluate/index.ts";
import type { MetricName } from "../recipe/index.ts";

/** `87.4 %` for a share, `3.142` for a perplexity, `not evaluated` for NaN. */
export function scoreText(metric: MetricName, value: number): string {
  if (!Number.isFinite(value)) return "not evaluated";
  return metricKinds[metric].unit === "share" ? `${percent(value)} %` : value.toPrecision(4);
}

/** `+84.2 points` for a share, `-1.204` for a perplexity. */
export function differenceText(metric: MetricName, value: number): string {
  if (!Number.isFinite(value)) return "not evaluated";
  if (metricKinds[metric].unit === "share") return `${signedPercent(value)} points`;
  const text = value.toPrecision(4);
  return Number(text) > 0 ? `+${text}` : text;
}

/** `80.9-87.4`, or `-1.2 to 3.4` if a minus sign could be mistaken for the hyphen. */
export function intervalText(metric: MetricName, interval: Interval | null): string {
  if (interval === null) return "none";
  const isShare = metricKinds[metric].unit === "share";
  const [low, high] = [interval.low, interval.high].map((value) =>
    isShare ? percent(value) : value.toPrecision(4),
  );
  return interval.low < 0 || interval.high < 0 ? `${low} to ${high}` : `${low}-${high}`;
}

/** `84.2`: a fraction in percent, without the sign; never `-0.0`. NaN and infinity by name. */
export function percent(share: number, digits = 1): string {
  if (!Number.isFinite(share)) return String(share);
  const text = (100 * share).toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** `+2.3`: a change of a fraction, in percent or points. */
export function signedPercent(share: number, digits = 1): string {
  const text = percent(share, digits);
  return Number(text) > 0 ? `+${text}` : text;
}

/** `0.453`, or `below 0.001`. */
export function pValueText(p: number): string {
  return p < 0.001 ? "below 0.001" : p.toFixed(3);
}

/** A loss with four significant digits; NaN and infinity by name. */
export function lossText(loss: number): string {
  return Number.isFinite(loss) ? loss.toPrecision(4) : String(loss);
}

/** `1,204` */
export function wholeText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1,204` in full up to ten thousand, then `45.2 k`, `1.21 M`. */
export function shortCountText(count: number): string {
  return count < 9_995 ? wholeText(count) : countText(count);
}

/** `3.1 (2.6-4.4)`, with each number formatted by `text`. */
export function rangeText<Quantity extends number>(
  range: Range<Quantity>,
  text: (value: Quantity) => string,
): string {
  const { low, expected, high } = range;
  return low === high ? text(expected) : `${text(expected)} (${text(low)} to ${text(high)})`;
}

/** `2026-11-24 20:45 UTC`; anything but an ISO timestamp is returned unchanged. */
export function instantText(iso: string): string {
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):.*Z$/, "$1 $2 UTC");
}

/** `1 row`, `500 rows` */
export function rowsText(count: number): string {
  return count === 1 ? "1 row" : `${wholeText(count)} rows`;
}
