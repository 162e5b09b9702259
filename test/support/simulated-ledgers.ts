/** @file Daily costs of teams with different spending patterns, for tests of forecasts: the future costs are known. */
import { mulberry32For, type Random, randomNormal } from "@tunewise/core/math";

/** A spending pattern: daily costs in micro-dollars; day 0 is a Monday. */
export interface SpendingShape {
  readonly name: string;
  /** Days before today. */
  readonly history: number;
  readonly days: (random: Random, count: number, history: number) => number[];
}

const usd = 1e6;
/** A cost around a typical one, never negative. */
const around = (random: Random, typical: number, spread: number): number =>
  typical * usd * Math.exp(spread * randomNormal(random));

const steady = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => around(random, 20, 0.3));

/** Quiet days with campaigns of a few consecutive days. */
function bursty(random: Random, count: number): number[] {
  let left = 0;
  let typical = 0;
  return Array.from({ length: count }, () => {
    if (left === 0 && random() < 0.12) {
      left = 1 + Math.floor(4 * random());
      typical = 20 + 80 * random();
    }
    if (left === 0) return random() < 0.5 ? 0 : around(random, 1, 0.5);
    left--;
    return around(random, typical, 0.3);
  });
}

const weekly = (random: Random, count: number): number[] =>
  Array.from({ length: count }, (_, day) => (day % 7 < 5 ? around(random, 40, 0.4) : around(random, 2, 0.5)));

/** One run before today that costs as much as fifty days. */
function oneHuge(random: Random, count: number, history: number): number[] {
  const days = steady(random, count);
  const at = Math.floor(random() * history);
  return days.map((cost, day) => (day === at ? cost + 1_000 * usd : cost));
}

const growing = (random: Random, count: number): number[] =>
  Array.from({ length: count }, (_, day) => around(random, 10 * 1.07 ** (day / 7), 0.3));

/** The patterns used to develop the forecast. */
export const spendingShapes: readonly SpendingShape[] = [
  { name: "steady", history: 56, days: steady },
  { name: "bursty", history: 56, days: bursty },
  { name: "weekly", history: 56, days: weekly },
  { name: "one huge run", history: 56, days: oneHuge },
  { name: "growing 7 % a week", history: 56, days: growing },
  { name: "steady, 10 days", history: 10, days: steady },
  { name: "bursty, 28 days", history: 28, days: bursty },
];

/** Independent days with a heavy tail: log-normal with a median of $5. */
const heavyTailed = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => around(random, 5, 1.2));

/** Costs triple two weeks before today and stay there. */
const stepUp = (random: Random, count: number, history: number): number[] =>
  steady(random, count).map((cost, day) => (day >= history - 14 ? 3 * cost : cost));

/** Patterns not used to develop the forecast, evaluated once when it was finished. */
export const unseenShapes: readonly SpendingShape[] = [
  { name: "heavy tail", history: 56, days: heavyTailed },
  { name: "three times as much since two weeks", history: 56, days: stepUp },
];

/** A ledger up to today, and the future costs. */
export interface SimulatedLedger {
  readonly history: { readonly days: readonly number[]; readonly todayShare: number; readonly alive: [] };
  /** Cost of the rest of today and of the days after it. */
  readonly rest: number;
}

/** Simulates ledgers of a pattern; a seed always gives the same ledgers. */
export function simulateLedgers(
  { history, days }: SpendingShape,
  daysAfter: number,
  ledgers: number,
  seed = 17,
): SimulatedLedger[] {
  const todayShare = 0.4;
  return Array.from({ length: ledgers }, (_, at) => {
    const random = mulberry32For(seed, at);
    const all = days(random, history + 1 + daysAfter, history);
    const [today = 0, ...later] = all.slice(history);
    const rest = (1 - todayShare) * today + later.reduce((sum, cost) => sum + cost, 0);
    return { history: { days: all.slice(0, history), todayShare, alive: [] }, rest };
  });
}
