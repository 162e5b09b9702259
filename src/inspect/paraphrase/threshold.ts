/**
 * @file From which standing on a match is a leak: so that few of the rows flagged are clean, whatever the data.
 *
 * Known rows matched with each other show how near rows of this data come without any leak. A held-out row is a leak
 * where its match stands out from these.
 */

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
  /** Known rows it was measured on; 0 where it is fixed. */
  readonly measuredOn: number;
  /** One sentence for the user. */
  readonly how: string;
}

/** Fewer known rows do not show how near clean rows come. */
const fewestKnown = 50;
/** What holds with fewer: half of what tells rows apart is shared, beyond what other rows share. */
const fixedStanding = 0.4;
/** Nothing is flagged below, since chance words reach it in large data. */
const leastStanding = 0.25;
/** The part of the known rows whose matches are the tail that is measured. */
const tailShare = 0.1;
/** The tail's steepness is measured up to here: what lies beyond may be repeats among the known rows. */
const insideShare = 0.03;
/** How far the threshold may follow held-out rows of another kind. */
const [leastScale, mostScale] = [0.5, 1.5];
/** Matches of the rows of one side. */
export interface Measured {
  readonly standings: Float64Array;
  /** What the next known row reaches: a clean match, whether the best is one or not. */
  readonly nexts: Float64Array;
}

/**
 * @param known matches of known rows among each other
 * @param held matches of held-out rows
 * @param certain held-out rows that are flagged already, by whatever means
 * @source Benjamini and Hochberg 1995 for the share of false alarms, on p-values from an empirical background; Davison
 *   and Smith 1990 for exceedances over a high value, here exponential with the scale from a quantile, so that
 *   repeats among the known rows do not hide those of the held-out rows
 */
export function chooseThreshold(
  { standings: known, nexts }: Measured,
  { standings: held, nexts: heldNexts }: Measured,
  certain: number,
  { falseAlarmRate, falseShare }: ErrorLimits,
): Threshold {
  if (known.length < fewestKnown) return fixed(known.length);
  const background = Float64Array.from(known).sort();
  const tail = tailOf(background, scaleBetween(nexts, heldNexts));
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
    measuredOn: known.length,
    how: sentence(known.length, rate, standing),
  };
}

interface Tail {
  readonly rateAt: (standing: number) => number;
  readonly standingAt: (rate: number) => number;
}

/** Share of clean rows that reach a standing, where that share is small. */
function tailOf(background: Float64Array, scale: number): Tail {
  const start = scale * quantile(background, 1 - tailShare);
  const inside = scale * quantile(background, 1 - insideShare);
  const middle = scale * quantile(background, 0.5);
  // One standard error is added, which counts where known rows are few.
  const error = 1 / Math.sqrt(tailShare * background.length);
  const ofTail = ((1 + error) * (inside - start)) / Math.log(tailShare / insideShare);
  // A tail flatter than the upper half of the rows holds repeats among the known rows.
  const ofHalf = (start - middle) / Math.log(0.5 / tailShare);
  const mean = Math.max(1e-3, Math.min(ofTail, ofHalf));
  return {
    rateAt: (standing) => tailShare * Math.exp(Math.min(0, (start - standing) / mean)),
    standingAt: (rate) => start + mean * Math.log(tailShare / Math.min(tailShare, rate)),
  };
}

/**
 * Held-out rows of another kind are nearer to the known rows, or farther, than those are to each other. The next
 * matches show it, which are clean even where every held-out row has leaked.
 */
function scaleBetween(known: Float64Array, held: Float64Array): number {
  const [mine, theirs] = [held, known].map((nexts) => quantile(Float64Array.from(nexts).sort(), 0.5));
  if (held.length < fewestKnown || !mine || !theirs) return 1;
  return Math.min(mostScale, Math.max(leastScale, mine / theirs));
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function fixed(known: number): Threshold {
  const how = `fixed at ${fixedStanding}, since ${known} training rows are too few to see how near clean rows come`;
  return { standing: fixedStanding, falseAlarmRate: null, measuredOn: 0, how };
}

function sentence(known: number, rate: number, standing: number): string {
  const rows = `${known.toLocaleString("en-US")} training rows matched with each other`;
  if (standing === 1) return `rows nearly the same alone, since ${rows} are as alike as paraphrases`;
  const often = Math.round(1 / Math.max(rate, 1e-6)).toLocaleString("en-US");
  return `so near a match is expected for 1 clean row in ${often}, judged by ${rows}`;
}
