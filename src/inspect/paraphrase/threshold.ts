/**
 * @file From which standing on a match is a leak: so that few of the rows flagged are clean, whatever the data.
 *
 * Each row's match with its best one left out is that of a clean row, whether the row has leaked or not. These decoys
 * show how near rows of this data come without any leak; a row is flagged where its best match stands out from them.
 */
import { countOf } from "../../quantity/index.ts";

/** How many errors are put up with. */
export interface ErrorLimits {
  /** Share of clean rows that may be flagged, at most. */
  readonly falseAlarmRate: number;
  /** Share of flagged rows that may be clean; one row may be in any case. */
  readonly falseShare: number;
}

/** The threshold and where it comes from. */
export interface Threshold {
  /** Flagged from this standing on. */
  readonly standing: number;
  /** Expected share of clean rows that are flagged; null where it could not be measured. */
  readonly falseAlarmRate: number | null;
  /** Rows it was measured on; 0 where it is fixed. */
  readonly measuredOn: number;
  /** One sentence for the user. */
  readonly how: string;
}

/** Fewer decoys do not show how near clean rows come. */
const fewestDecoys = 50;
/**
 * What holds with fewer: much of what tells rows apart is shared, beyond what other rows share. One clean row in a
 * hundred is flagged in draws of 30 known rows (BANKING77, GSM8K, HumanEval).
 */
const fixedStanding = 0.3;
/** Nothing is flagged below, since chance words reach it in large data. */
const leastStanding = 0.25;
/** The part of the decoys that is the tail whose steepness is measured. */
const tailShare = 0.1;
/** It is measured up to here: what lies beyond may be second copies of what leaked. */
const insideShare = 0.03;
/**
 * The best of many matches lies higher and spreads wider than the second best. Clean standings at the start of the tail
 * were 1.1 to 1.3 times the decoys', and their tails 1.4 to 1.7 times as long, in questions (GSM8K), code (HumanEval)
 * and recombined sentences (9,000 and 90,000 training rows).
 */
const [bestToNext, bestSpread] = [1.22, 1.5];

/**
 * @param decoys standings of rows without their best match
 * @param held standings of the held-out rows
 * @param certain held-out rows that are flagged already, by whatever means
 * @source Benjamini and Hochberg 1995 for the share of false alarms, on p-values from an empirical background; Davison
 *   and Smith 1990 for exceedances over a high value, here exponential with the scale from a quantile
 */
export function chooseThreshold(
  decoys: Float64Array,
  held: Float64Array,
  certain: number,
  { falseAlarmRate, falseShare }: ErrorLimits,
): Threshold {
  if (decoys.length < fewestDecoys) return fixed(decoys.length);
  const tail = tailOf(Float64Array.from(decoys).sort());
  const rateFor = (flagged: number): number => {
    const mayBeFalse = Math.max(1, falseShare * (certain + flagged));
    return Math.min(falseAlarmRate, mayBeFalse / Math.max(1, held.length));
  };
  let chosen = tail.standingAt(rateFor(0));
  for (const [at, standing] of Float64Array.from(held).sort().reverse().entries()) {
    if (tail.rateAt(standing) <= rateFor(at + 1)) chosen = Math.min(chosen, standing);
  }
  const standing = Math.min(1, Math.max(leastStanding, chosen));
  const rate = tail.rateAt(standing);
  return {
    standing,
    falseAlarmRate: rate,
    measuredOn: decoys.length,
    how: sentence(decoys.length, rate, standing),
  };
}

interface Tail {
  readonly rateAt: (standing: number) => number;
  readonly standingAt: (rate: number) => number;
}

/** Share of clean rows that reach a standing, where that share is small. */
function tailOf(decoys: Float64Array): Tail {
  const [first, inside] = [quantile(decoys, 1 - tailShare), quantile(decoys, 1 - insideShare)];
  // One standard error is added, which counts where rows are few.
  const error = 1 / Math.sqrt(tailShare * decoys.length);
  const start = bestToNext * first;
  const mean = Math.max(
    1e-3,
    ((1 + error) * bestSpread * (inside - first)) / Math.log(tailShare / insideShare),
  );
  return {
    rateAt: (standing) => tailShare * Math.exp(Math.min(0, (start - standing) / mean)),
    standingAt: (rate) => start + mean * Math.log(tailShare / Math.min(tailShare, rate)),
  };
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function fixed(rows: number): Threshold {
  const how = `fixed at ${fixedStanding}, since ${countOf(rows, "row")} are too few to see how near clean rows come`;
  return { standing: fixedStanding, falseAlarmRate: null, measuredOn: 0, how };
}

function sentence(rows: number, rate: number, standing: number): string {
  const judged = `judged by the second best matches of ${rows.toLocaleString("en-US")} rows`;
  if (standing === 1)
    return `rows nearly the same alone, since rows here are as alike as paraphrases, ${judged}`;
  const often = Math.round(1 / Math.max(rate, 1e-6)).toLocaleString("en-US");
  return `so near a match is expected for 1 clean row in ${often}, ${judged}`;
}
