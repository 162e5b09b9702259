/**
 * @file What a stretch costs: as the settings say before anything is measured, as measured afterwards.
 */
import { cost, type Range, range, seconds, type Usd } from "../../quantity/index.ts";
import type { SearchMoney } from "../settings.ts";
import type { SearchPoint } from "../space/hyperparameter.ts";
import type { PaidStretch } from "../state/state.ts";

/** A stretch of work, as far as its price goes. */
export interface Work {
  readonly point: SearchPoint;
  /** Units of training. */
  readonly from: number;
  readonly to: number;
}

/** What measured stretches say of the settings' prices. */
export interface Measured {
  readonly count: number;
  /** Mean and largest of cost over expected cost. */
  readonly mean: number;
  readonly largest: number;
  /** Largest of cost over the settings' high end. */
  readonly overHigh: number;
}

/** Measured stretches after which they, and no longer the settings' high end, say what a stretch takes at most. */
const enough = 3;
/** Stretches looked at, latest first: machines and prices change. */
const lookBack = 20;
/** Room above the most expensive measured stretch. */
const room = 1.1;

/** What the settings say of a stretch. */
export function pricedBefore(work: Work, money: SearchMoney): Range<Usd> {
  const units = (work.to - work.from) * (money.costFactor?.(work.point) ?? 1);
  const one = (end: "low" | "expected" | "high") =>
    cost(money.usdPerHour[end], seconds(units * money.secondsPerUnit[end] + money.startSeconds[end]));
  return range(one("low"), one("expected"), one("high"));
}

/** Compares what stretches cost with what the settings said of them; those that failed say nothing. */
export function measure(paid: readonly PaidStretch[], money: SearchMoney): Measured {
  const ratios: number[] = [];
  let overHigh = 0;
  const telling = paid.filter(({ status, at, from }) => status !== "failed" && at > from);
  for (const { point, from, at, microUsd } of telling.slice(-lookBack)) {
    const before = pricedBefore({ point, from, to: at }, money);
    if (before.expected <= 0) continue;
    ratios.push(microUsd / before.expected);
    overHigh = Math.max(overHigh, microUsd / before.high);
  }
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  const mean = ratios.length > 0 ? sum / ratios.length : 1;
  return { count: ratios.length, mean, largest: Math.max(0, ...ratios), overHigh };
}

/**
 * What a stretch costs by all that is known; `high` is what decides whether it may start, and its own cap.
 *
 * With fewer than three measured stretches the high end is the settings', or more where one cost more. Then it is the
 * most expensive of the last twenty and a tenth, each relative to what was expected of it: the chance that the next
 * one exceeds the largest of n is 1 / (n + 1), and its cap stops it if it does.
 */
export function priced(work: Work, money: SearchMoney, measured: Measured): Range<Usd> {
  const before = pricedBefore(work, money);
  const scaled = (amount: number, by: number) => Math.ceil(amount * by) as Usd;
  const high =
    measured.count < enough
      ? scaled(before.high, Math.max(1, room * measured.overHigh))
      : scaled(before.expected, room * measured.largest);
  const expected = Math.min(high, scaled(before.expected, measured.mean)) as Usd;
  return range(Math.min(before.low, expected) as Usd, expected, high);
}
