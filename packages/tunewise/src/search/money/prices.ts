/** @file Cost estimates of training segments: from the settings at first, from measurements afterwards. */
import { largest, mean } from "@tunewise/core/math";
import { cost, type Range, range, seconds, type Usd } from "@tunewise/core/quantity";
import type { SearchMoney } from "../settings.ts";
import type { SearchPoint } from "../space/hyperparameter.ts";
import type { PaidSegment } from "../state/state.ts";

/** The properties of a training segment that determine its price. */
export interface Work {
  readonly point: SearchPoint;
  /** Units of training. */
  readonly from: number;
  readonly to: number;
}

/** Measured costs relative to the settings' prices. */
interface Measured {
  readonly count: number;
  /** Mean and maximum ratio of measured to expected cost. */
  readonly mean: number;
  readonly largest: number;
  /** Maximum ratio of measured cost to the settings' high end. */
  readonly overHigh: number;
}

/** Number of measured segments after which measurements replace the settings' high end. */
const minMeasured = 3;
/** Maximum number of measured segments used, latest first, because machines and prices change. */
const maxMeasured = 20;
/** Margin above the most expensive measured segment. */
const margin = 1.1;

/** Price of a segment according to the settings. */
export function settingsPrice(work: Work, money: SearchMoney): Range<Usd> {
  const units = (work.to - work.from) * (money.costFactor?.(work.point) ?? 1);
  const one = (end: "low" | "expected" | "high") =>
    cost(money.usdPerHour[end], seconds(units * money.secondsPerUnit[end] + money.startSeconds[end]));
  return range(one("low"), one("expected"), one("high"));
}

/** Compares measured costs with the settings' prices; failed segments are ignored. */
export function measure(paid: readonly PaidSegment[], money: SearchMoney): Measured {
  const ratios: number[] = [];
  let overHigh = 0;
  const telling = paid.filter(({ status, at, from }) => status !== "failed" && at > from);
  for (const { point, from, at, microUsd } of telling.slice(-maxMeasured)) {
    const before = settingsPrice({ point, from, to: at }, money);
    if (before.expected <= 0) continue;
    ratios.push(microUsd / before.expected);
    overHigh = Math.max(overHigh, microUsd / before.high);
  }
  const usual = ratios.length > 0 ? mean(ratios) : 1;
  return { count: ratios.length, mean: usual, largest: largest(ratios), overHigh };
}

/**
 * Price range of a segment; `high` decides whether it may start, and becomes its cap.
 *
 * With fewer than three measured segments the high end is that of the settings, or more if one cost more. After
 * that it is the most expensive of the last twenty plus a tenth, each relative to its expected cost: the
 * probability that the next one exceeds the maximum of n is 1 / (n + 1), and its cap stops it if it does.
 */
export function priceRange(work: Work, money: SearchMoney, measured: Measured): Range<Usd> {
  const before = settingsPrice(work, money);
  const scaled = (amount: number, by: number) => Math.ceil(amount * by) as Usd;
  const high =
    measured.count < minMeasured
      ? scaled(before.high, Math.max(1, margin * measured.overHigh))
      : scaled(before.expected, margin * measured.largest);
  const expected = Math.min(high, scaled(before.expected, measured.mean)) as Usd;
  return range(Math.min(before.low, expected) as Usd, expected, high);
}
