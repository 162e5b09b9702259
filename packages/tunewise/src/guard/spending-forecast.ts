/**
 * @file Forecasts the cost of a period that is not over, by resampling the spending of past weeks.
 *
 *     whole weeks before today ─► one set of weeks per path ─► one week of the set per future week ─► sums
 *
 * A week is drawn as a whole, so that weekends stay weekends and consecutive days stay together. Each path first
 * draws its own set of weeks, so that the interval reflects the uncertainty of a short history.
 *
 * @source double block bootstrap: Künsch 1989, "The jackknife and the bootstrap for general stationary observations";
 *   Davison and Hinkley 1997, Bootstrap Methods and their Application, sections 3.9 and 8.2
 */
import {
  mean,
  median,
  mulberry32,
  quantile,
  type Random,
  randomBelow,
  studentQuantile,
  sum,
} from "@tunewise/core/math";

/** Input of a forecast. Money is in micro-dollars. */
export interface SpendingHistory {
  /** Costs of whole days, oldest first; the last one is yesterday. */
  readonly days: readonly number[];
  /** Share of today that has passed. */
  readonly todayShare: number;
  /** Running jobs that cost money. */
  readonly alive: readonly AliveSpending[];
}

/** A running job that costs money. */
export interface AliveSpending {
  readonly microUsdPerHour: number;
  readonly ageHours: number;
  /** Remaining cap; `null` if it has no cap. */
  readonly leftMicroUsd: number | null;
}

/** Forecast of a sum: the median and the bounds of an 80 % interval. */
export interface SpendingForecast {
  readonly low: number;
  readonly median: number;
  readonly high: number;
  /** Number of past days used. */
  readonly days: number;
  /** Sums of all paths, ascending. */
  readonly sums: Float64Array;
}

/** Max. days of history; older days say little about the next weeks. */
export const maxHistoryDays = 56;
/** Min. days of history, and min. days with costs, for a forecast. */
export const minHistoryDays = 7;
const minCostlyDays = 3;

const paths = 1_000;
const seed = 20_261_128;
const week = 7;
/** 90 % quantile of a normal distribution: both sides of an 80 % interval. @source Wichura 1988, Algorithm AS 241 */
const normal90 = 1.2815515655446004;
/** With fewer weeks than this, days are drawn one by one. */
const minWeeks = 3;
/** A trend above this is extrapolated: the 90 % quantile, so that chance alone gives 1 in 5 ledgers a trend. */
const minTrend = normal90;
/** Factor on the interval, because a trend may or may not continue; tuned on simulated ledgers with separate seeds. */
const trendFactor = 1.1;

/** Whether a history is long enough for a forecast. */
export function canForecast({ days }: Pick<SpendingHistory, "days">): boolean {
  return days.length >= minHistoryDays && days.filter((cost) => cost > 0).length >= minCostlyDays;
}

/**
 * Forecasts the cost of the rest of today and of some days after it.
 *
 * @param daysAfter whole days after today
 * @returns `null` if the history is too short
 */
export function forecastSpending(history: SpendingHistory, daysAfter: number): SpendingForecast | null {
  const recent = recentOf(history);
  if (!canForecast(recent)) return null;
  const random = mulberry32(seed);
  const drawn = Float64Array.from({ length: paths }, () => {
    const costOf = drawPath(recent, random);
    let total = 0;
    for (let day = 0; day <= daysAfter; day++) total += costOf(day);
    return total;
  }).sort();
  const sums = widened(drawn, recent.days.length);
  const at = (share: number): number => Math.round(quantile(sums, share));
  return { low: at(0.1), median: at(0.5), high: at(0.9), days: recent.days.length, sums };
}

/**
 * Moves the sums away from their median to correct for a small sample. Resampling finds the spread of the sample,
 * which is smaller than that of the population, and a small sample needs the tails of Student's distribution.
 *
 * @source n / (n - 1) for a variance that divides by n; Student 1908 over the normal distribution
 */
function widened(sums: Float64Array, days: number): Float64Array {
  const blocks = hasWeeks(days) ? Math.floor(days / week) : days;
  const few = Math.sqrt(blocks / (blocks - 1)) * (studentQuantile(0.9, blocks - 1) / normal90);
  const factor = hasWeeks(days) ? few * trendFactor : few;
  const middle = quantile(sums, 0.5);
  return sums.map((one) => Math.max(0, middle + factor * (one - middle)));
}

function hasWeeks(days: number): boolean {
  return days >= minWeeks * week;
}

/** Share of the paths that reach a sum. */
export function chanceOfReaching({ sums }: Pick<SpendingForecast, "sums">, microUsd: number): number {
  return sums.filter((one) => one >= microUsd).length / sums.length;
}

/** Days until a sum is spent; `null` if not within a year. */
export interface ExhaustionForecast {
  /** 1 in 10 paths has spent it by then. */
  readonly early: number | null;
  readonly median: number | null;
  readonly late: number | null;
  readonly days: number;
}

const daysOfYear = 365;

/**
 * Forecasts when a sum is spent, in days from today.
 *
 * @returns `null` if the history is too short
 */
export function forecastExhaustion(
  history: SpendingHistory,
  leftMicroUsd: number,
): ExhaustionForecast | null {
  const recent = recentOf(history);
  if (!canForecast(recent)) return null;
  const random = mulberry32(seed);
  const ends = Array.from({ length: paths }, () => {
    const costOf = drawPath(recent, random);
    let left = leftMicroUsd;
    for (let day = 0; day <= daysOfYear; day++) {
      left -= costOf(day);
      if (left <= 0) return day;
    }
    return Number.POSITIVE_INFINITY;
  }).sort((a, b) => a - b);
  const at = (share: number): number | null => {
    const day = ends[Math.floor(share * (paths - 1))] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(day) ? day : null;
  };
  return { early: at(0.1), median: at(0.5), late: at(0.9), days: recent.days.length };
}

function recentOf(history: SpendingHistory): SpendingHistory {
  return { ...history, days: history.days.slice(-maxHistoryDays) };
}

/** Draws one possible future: the cost by day, where day 0 is the rest of today. Callers ask for days in order. */
function drawPath(history: SpendingHistory, random: Random): (day: number) => number {
  const usual = hasWeeks(history.days.length)
    ? drawWeeks(history.days, random)
    : drawDays(history.days, random);
  const restOfToday = 1 - history.todayShare;
  const floor = drawAlive(history.alive, 24 * restOfToday, random);
  return (day) => Math.max(usual(day) * (day === 0 ? restOfToday : 1), floor(day));
}

function drawDays(days: readonly number[], random: Random): (day: number) => number {
  const own = days.map(() => days[randomBelow(random, days.length)] ?? 0);
  return () => own[randomBelow(random, own.length)] ?? 0;
}

/** Weeks end with yesterday, so day k of each week has the same day of the week as the day k days from today. */
function drawWeeks(days: readonly number[], random: Random): (day: number) => number {
  const count = Math.floor(days.length / week);
  const first = days.length - count * week;
  const picks = Array.from({ length: count }, () => randomBelow(random, count));
  const sums = Array.from({ length: count }, (_, at) =>
    sum(days.slice(first + at * week, first + (at + 1) * week)),
  );
  const trend = hasTrend(sums) ? trendOf(picks, sums) : null;
  let [drawn, scale] = [0, 1];
  return (day) => {
    if (day % week === 0) {
      drawn = picks[randomBelow(random, count)] ?? 0;
      scale = trend === null ? 1 : trend(count + day / week) / trend(drawn);
    }
    return scale * (days[first + drawn * week + (day % week)] ?? 0);
  };
}

/**
 * Whether weekly sums grow or shrink significantly, at a level of 20 %.
 *
 * @source Mann 1945, "Nonparametric tests against trend", with the variance of Kendall 1975: n(n-1)(2n+5)/18
 */
function hasTrend(sums: readonly number[]): boolean {
  const n = sums.length;
  if (n < 5) return false;
  let score = 0;
  for (const [at, earlier] of sums.entries())
    for (const later of sums.slice(at + 1)) score += Math.sign(later - earlier);
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return (Math.abs(score) - 1) / deviation > minTrend;
}

/**
 * The level of a week, from the median growth of the weeks that a path drew. Growth continues for at most the length of
 * the history, because nothing grows forever.
 *
 * @source Sen 1968, "Estimates of the regression coefficient based on Kendall's tau", on logarithms
 */
function trendOf(picks: readonly number[], sums: readonly number[]): (week: number) => number {
  const chosen = [...new Set(picks)];
  const least = Math.max(1, mean(sums) / 20); // avoids the logarithm of 0 for a week without costs
  const level = (at: number): number => Math.log((sums[at] ?? 0) + least);
  const slopes = chosen.flatMap((from) =>
    chosen.filter((to) => to > from).map((to) => (level(to) - level(from)) / (to - from)),
  );
  const slope = slopes.length === 0 ? 0 : median(slopes);
  return (at) => Math.exp(slope * Math.min(at, 2 * sums.length));
}

/**
 * Minimum cost of a day from running jobs. Their remaining time is unknown: in half of the paths it exceeds the time
 * that they have run already. It never exceeds the cap.
 *
 * @source Gott 1993, "Implications of the Copernican principle for our future prospects": P(rest > t) = age / (age + t)
 */
function drawAlive(
  alive: readonly AliveSpending[],
  hoursToday: number,
  random: Random,
): (day: number) => number {
  const lives = alive.map(({ microUsdPerHour, ageHours, leftMicroUsd }) => {
    const hours = ageHours * (1 / Math.max(1e-9, random()) - 1);
    const capped =
      leftMicroUsd === null ? hours : Math.min(hours, leftMicroUsd / Math.max(1, microUsdPerHour));
    return { microUsdPerHour, hours: capped };
  });
  return (day) => {
    const [from, to] = day === 0 ? [0, hoursToday] : [hoursToday + 24 * (day - 1), hoursToday + 24 * day];
    return lives.reduce(
      (cost, { microUsdPerHour, hours }) => cost + microUsdPerHour * Math.max(0, Math.min(hours, to) - from),
      0,
    );
  };
}
