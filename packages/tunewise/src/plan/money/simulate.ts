/** @file Monte Carlo simulation of the total cost of a fine-tune, with the same random draws for every placement. */
import { type Usd, usd } from "@tunewise/core/quantity";
import { certain, type Factor } from "../range-arithmetic.ts";
import { type SpendAssumptions, type SpendName, spendNames } from "./assumptions.ts";
import { type Draws, outcomesOf } from "./draws.ts";

/** Time and price of one run on a machine. */
export interface RunSpend {
  /** Dollars per hour of the machine. */
  readonly usdPerHour: number;
  /** Seconds. */
  readonly train: Factor;
  readonly judge: Factor;
  readonly start: Factor;
  /** Seconds of the smoke test, including startup. */
  readonly smoke: number;
  /** Factor for work repeated after preemption; 1: none. */
  readonly rework: Factor;
  /** Fixed price of a run in dollars, for hosted training. */
  readonly usdPerRun: number;
}

/** A run with zero cost, as a template. */
export const freeRun: RunSpend = {
  usdPerHour: 0,
  train: certain(0),
  judge: certain(0),
  start: certain(0),
  smoke: 0,
  rework: certain(1),
  usdPerRun: 0,
};

/** Distribution of the total cost. */
export interface SpendOutcome {
  /** Median and 90th percentile. */
  readonly p50: Usd;
  readonly p90: Usd;
  /** Breakdown of outcomes around P90, the largest share first; sums to 1. */
  readonly shares: readonly { readonly name: SpendName; readonly share: number }[];
  /** All outcomes; `null`: a plan of an earlier version. */
  readonly distribution: SpendDistribution | null;
}

/**
 * Histogram of the outcomes with bins of equal width: the first starts at `from`, the last ends at `to`. Outcomes
 * outside are counted in the outer bins. One bin if all outcomes are equal.
 */
export interface SpendDistribution {
  readonly from: Usd;
  readonly to: Usd;
  /** Outcomes by bin. */
  readonly counts: readonly number[];
}

/** Number of bins, and the quantiles that they span: spanning a long tail would leave few bins for the rest. */
const bins = 20;
const shown = { from: 0.01, until: 0.99 };

/** Quantiles of the outcomes that represent P90. */
const band = { from: 0.85, until: 0.95 };

/**
 * Simulates the total cost.
 *
 * T = price x [(searched + seeds + lost + retrainings) trainings with startup and evaluation + smoke test] + data +
 * baselines + storage + hosting
 *
 * @source planning reference, section 6
 */
export function simulateSpend(run: RunSpend, assumed: SpendAssumptions, draws: Draws): SpendOutcome {
  const spend = spendOf(run, assumed, draws);
  const parts = new Float64Array(spendNames.length);
  const totals = new Float64Array(draws.count);
  for (let at = 0; at < totals.length; at++) {
    spend(at, parts);
    let total = 0;
    for (let part = 0; part < parts.length; part++) total += parts[part] as number;
    totals[at] = total;
  }
  const sorted = totals.slice().sort();
  const point = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? 0;
  return {
    p50: usd(point(0.5)),
    p90: usd(point(0.9)),
    shares: sharesBetween(spend, totals, point(band.from), point(band.until)),
    distribution: distributionOf(sorted, point(shown.from), point(shown.until)),
  };
}

/** @param totals dollars, ascending */
function distributionOf(totals: Float64Array, from: number, to: number): SpendDistribution {
  const ends = { from: usd(from), to: usd(to) };
  if (ends.from === ends.to) return { ...ends, counts: [totals.length] };
  const counts = new Array<number>(bins).fill(0);
  for (let place = 0; place < totals.length; place++) {
    const total = totals[place] as number;
    const bin = Math.floor((bins * (total - from)) / (to - from));
    const at = Math.min(bins - 1, Math.max(0, bin));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { ...ends, counts };
}

/** Writes the dollars of one outcome into `parts`, in the order of `spendNames`. */
type Spend = (at: number, parts: Float64Array) => void;

function spendOf(run: RunSpend, assumed: SpendAssumptions, draws: Draws): Spend {
  const rework = outcomesOf(run.rework, draws.rework);
  const [trains, judges] = [outcomesOf(run.train, draws.train), outcomesOf(run.judge, draws.judge)];
  const starts = outcomesOf(run.start, draws.start);
  const { seeds, trials, trialShare } = assumed;
  return (at, parts) => {
    const perSecond = (run.usdPerHour / 3600) * (rework[at] as number);
    const train = perSecond * (trains[at] as number) + run.usdPerRun;
    const judge = perSecond * (judges[at] as number);
    const start = perSecond * (starts[at] as number);
    const lost = draws.lost[at] as number;
    parts[0] = seeds * (train + start);
    parts[1] = seeds * judge;
    parts[2] = (draws.searched[at] as number) * train + trials * (start + trialShare * judge);
    parts[3] = lost * train + 2 * lost * start; // on average half the training and the entire startup are lost
    parts[4] = perSecond * run.smoke;
    parts[5] = (draws.retrainings[at] as number) * (train + judge + start);
    parts[6] = assumed.dataUsd / 1e6;
    parts[7] = assumed.baselinesUsd / 1e6;
    parts[8] = assumed.storageUsd / 1e6;
    parts[9] = assumed.hostingUsd / 1e6;
  };
}

function sharesBetween(
  spend: Spend,
  totals: Float64Array,
  from: number,
  until: number,
): SpendOutcome["shares"] {
  const parts = new Float64Array(spendNames.length);
  const sums = new Float64Array(spendNames.length);
  for (let at = 0; at < totals.length; at++) {
    const total = totals[at] as number;
    if (total < from || total > until) continue;
    spend(at, parts);
    for (let part = 0; part < parts.length; part++)
      sums[part] = (sums[part] as number) + (parts[part] as number);
  }
  const all = sums.reduce((sum, part) => sum + part, 0);
  // without spending, shares are NaN and thus removed
  return spendNames
    .map((name, at) => ({ name, share: (sums[at] ?? 0) / all }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}
