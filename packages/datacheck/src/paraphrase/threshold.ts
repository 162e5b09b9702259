/**
 * @file Threshold of the standing above which a match counts as a leak. It adapts to the data so that few flagged rows
 * are clean.
 *
 * The best matches among known rows show how similar rows of this data are without a leak. A held-out row is flagged if
 * its best match stands out from those.
 */
import { countOf } from "@tunewise/core/quantity";
import type { CleanMatches } from "./clean-matches.ts";

/** Tolerated errors. */
export interface ErrorLimits {
  /** Maximum false positive rate: share of clean rows that may be flagged. */
  readonly falseAlarmRate: number;
  /** Maximum false discovery rate: share of flagged rows that may be clean; a single row is always allowed. */
  readonly falseShare: number;
}

/** The threshold and its derivation. */
export interface Threshold {
  /** Rows with at least this standing are flagged. */
  readonly standing: number;
  /** Expected share of clean rows that are flagged; `null` if it could not be measured. */
  readonly falseAlarmRate: number | null;
  /** Number of rows it was measured on; 0 if it is fixed. */
  readonly measuredOn: number;
  /** One sentence for the user. */
  readonly how: string;
}

/** Min known rows to measure how similar clean rows are. */
const minRows = 50;
/**
 * Threshold with fewer known rows: much of what distinguishes the rows is shared, beyond what other rows share. In
 * samples of 30 known rows it flags 1 % of clean rows (BANKING77, GSM8K, HumanEval).
 */
const fixedStanding = 0.3;
/** Min threshold, since chance words reach lower values in large data. */
const minStanding = 0.1;
/**
 * Share of the clean rows that forms the tail, and the quantile up to which its slope is measured. Rows beyond may be
 * undetected leaks.
 */
const [tailShare, insideShare] = [0.1, 0.03];

/**
 * @param clean standings of clean rows
 * @param held standings of the held-out rows
 * @param certain number of held-out rows already flagged by other means
 * @param seen the share of known rows that paraphrase each other and so are more similar than clean rows, and the
 * typical similarity of known rows to held-out rows, relative to that among known rows
 * @source Benjamini and Hochberg 1995 for the share of false alarms, on p-values from an empirical background; Davison
 * and Smith 1990 for exceedances over a high value, here exponential with the scale from a quantile
 */
export function chooseThreshold(
  clean: Float64Array,
  held: Float64Array,
  certain: number,
  { falseAlarmRate, falseShare }: ErrorLimits,
  { repeated, density }: Pick<CleanMatches, "repeated" | "density"> = { repeated: 0, density: 1 },
): Threshold {
  if (clean.length < minRows) return fixed(clean.length);
  const tail = tailOf(Float64Array.from(clean).sort());
  const rateFor = (flagged: number): number => {
    const mayBeFalse = Math.max(1, falseShare * (certain + flagged));
    return Math.min(falseAlarmRate, mayBeFalse / Math.max(1, held.length));
  };
  let chosen = tail.standingAt(rateFor(0));
  for (const [at, standing] of Float64Array.from(held).sort().reverse().entries()) {
    if (tail.rateAt(standing) <= rateFor(at + 1)) chosen = Math.min(chosen, standing);
  }
  const standing = Math.min(1, Math.max(minStanding, chosen));
  const rate = tail.rateAt(standing);
  return {
    standing,
    falseAlarmRate: repeated > 0 ? null : rate,
    measuredOn: clean.length,
    how:
      repeated > 0
        ? unsure(standing, repeated)
        : sentence(clean, standing) + (standing < 1 ? scaled(density) : ""),
  };
}

interface Tail {
  readonly rateAt: (standing: number) => number;
  readonly standingAt: (rate: number) => number;
}

/** Share of clean rows that reach a standing, for small shares. */
function tailOf(clean: Float64Array): Tail {
  const [start, inside] = [quantile(clean, 1 - tailShare), quantile(clean, 1 - insideShare)];
  // One standard error is added, which matters for few rows.
  const error = 1 / Math.sqrt(tailShare * clean.length);
  const mean = Math.max(1e-3, ((1 + error) * (inside - start)) / Math.log(tailShare / insideShare));
  return {
    rateAt: (standing) => tailShare * Math.exp(Math.min(0, (start - standing) / mean)),
    standingAt: (rate) => start + mean * Math.log(tailShare / Math.min(tailShare, rate)),
  };
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function fixed(rows: number): Threshold {
  const few = `${countOf(rows, "row")} are too few to measure how similar clean rows are`;
  const how = `from ${fixedStanding} on, a fixed limit, because ${few}`;
  return { standing: fixedStanding, falseAlarmRate: null, measuredOn: 0, how };
}

/**
 * States only what was measured. Held-out rows may resemble training rows even where training rows do not resemble each
 * other, so the share of training rows says nothing about the share of false reports.
 */
function sentence(clean: Float64Array, standing: number): string {
  const rows = countOf(clean.length, "known row");
  if (standing === 1) return `none, because rows here are as similar as paraphrases, measured on ${rows}`;
  const asNear = clean.filter((one) => one >= standing).length;
  return `from ${standing.toFixed(2)} on, which ${asNear} of ${rows} reach among each other`;
}

/** The similarity of clean rows cannot be measured if known rows paraphrase each other. */
function unsure(standing: number, repeated: number): string {
  return (
    `from ${standing.toFixed(2)} on; the share of clean rows above it is unknown, because ` +
    `${Math.round(100 * repeated)} % of the known rows are paraphrases of each other`
  );
}

/** Densities in this range are not mentioned. */
const usualDensity: readonly [number, number] = [0.8, 1.25];

function scaled(density: number): string {
  const [low, high] = usualDensity;
  if (density >= low && density <= high) return "";
  const nearer = density < 1 ? "nearer to each other than to" : "nearer to held-out rows than to";
  const whom = density < 1 ? "held-out rows" : "each other";
  return `, and scaled by ${density.toFixed(2)}, because known rows are generally ${nearer} ${whom}`;
}
