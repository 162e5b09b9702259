/**
 * @file Threshold of the standing above which a match is a leak, chosen so that few flagged rows are clean,
 *   whatever the data.
 *
 * Each row's match with its best one left out is that of a clean row, whether the row has leaked or not. These
 * decoys show how similar rows of this data are without any leak; a row is flagged if its best match stands out
 * from them.
 */
import { countOf } from "../../quantity/index.ts";

/** Tolerated errors. */
export interface ErrorLimits {
  /** Maximum false positive rate: share of clean rows that may be flagged. */
  readonly falseAlarmRate: number;
  /** Maximum false discovery rate: share of flagged rows that may be clean; a single row is always allowed. */
  readonly falseShare: number;
}

/** The threshold and its derivation. */
export interface Threshold {
  /** Rows are flagged from this standing on. */
  readonly standing: number;
  /** Expected share of clean rows that are flagged; `null` if it could not be measured. */
  readonly falseAlarmRate: number | null;
  /** Number of rows it was measured on; 0 if it is fixed. */
  readonly measuredOn: number;
  /** One sentence for the user. */
  readonly how: string;
}

/** Minimum number of decoys that show how similar clean rows are. */
const fewestDecoys = 50;
/**
 * Threshold with fewer decoys: much of what distinguishes the rows is shared, beyond what other rows share. One
 * clean row in a hundred is flagged in draws of 30 known rows (BANKING77, GSM8K, HumanEval).
 */
const fixedStanding = 0.3;
/** Nothing is flagged below this, since chance words reach it in large data. */
const leastStanding = 0.25;
/** Share of the decoys that forms the tail whose slope is measured. */
const tailShare = 0.1;
/** The tail is measured up to here: beyond may be second copies of leaked rows. */
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
 * @param certain number of held-out rows that are already flagged by other means
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

/** Share of clean rows that reach a standing, for small shares. */
function tailOf(decoys: Float64Array): Tail {
  const [first, inside] = [quantile(decoys, 1 - tailShare), quantile(decoys, 1 - insideShare)];
  // One standard error is added, which matters for few rows.
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
