/** @file Is a model not worse than the one it replaces? The verdict on the rows that both answered. */

import { normal975 } from "@tunewise/core/math";
import { type Comparison, compareScores } from "./compare.ts";
import { metricKinds } from "./metrics.ts";
import type { Interval, RowOutcome, Score } from "./score.ts";
import {
  type NonInferiority,
  nonInferiority,
  nonInferiorityPower,
  rowsForNonInferiority,
  rowsForSpread,
  spreadPower,
} from "./statistics/non-inferiority.ts";

/** Two models on the same rows, and whether the new one is not worse by more than a margin. */
export interface NotWorse {
  /** `base` is the old model, `tuned` the new one. */
  readonly comparison: Comparison;
  /** Largest accepted loss, as a share. */
  readonly margin: number;
  /** 95 % confidence interval of what is gained, which the verdict rests on; `null` for fewer than two rows. */
  readonly gain: Interval | null;
  readonly verdict: NonInferiority;
  /** Probability that this number of rows shows `not-worse` if both models are equally good; `null` without rows. */
  readonly power: number | null;
  /** Rows that would show it with 80 % power; `null` above 20,000, or without rows. */
  readonly rowsNeeded: number | null;
}

/**
 * Judges the new model against the old one.
 *
 * @param old score of the model to be replaced, on the same references as `tuned`
 * @param margin largest accepted loss as a share, such as 0.02 for two points
 * @throws {RangeError} for a metric that is no share, or scores of other rows
 */
export function judgeNotWorse(old: Score, tuned: Score, margin: number): NotWorse {
  const kind = metricKinds[old.metric];
  if (kind.unit !== "share") throw new RangeError(`Internal: a margin in points does not fit ${old.metric}`);
  const comparison = compareScores(old, tuned);
  const { counts, rows } = comparison;
  if (rows < 2) return { comparison, margin, gain: null, verdict: "unclear", power: null, rowsNeeded: null };
  const interval = counts === null ? withLostRow(old, tuned).interval : comparison.interval;
  const gain = kind.higherIsBetter || interval === null ? interval : mirrored(interval);
  const verdict = nonInferiority(gain, margin);
  if (counts === null) {
    const { low, high } = comparison.interval ?? { low: -1, high: 1 };
    const spread = (Math.sqrt(rows) * (high - low)) / (2 * normal975);
    const power = spreadPower(rows, margin, spread);
    return { comparison, margin, gain, verdict, power, rowsNeeded: rowsForSpread(margin, spread) };
  }
  // one differing row more than was seen, so that agreement on few rows promises nothing
  const flips = (counts.onlyBase + counts.onlyTuned + 1) / (rows + 1);
  const accuracy = (2 * counts.both + counts.onlyBase + counts.onlyTuned) / (2 * rows);
  const models = { margin, flips, accuracy };
  const power = nonInferiorityPower(rows, models);
  return { comparison, margin, gain, verdict, power, rowsNeeded: rowsForNonInferiority(models) };
}

function mirrored({ low, high }: Interval): Interval {
  return { low: -high, high: -low };
}

/**
 * The comparison with one row more, which the old model answers perfectly and the new one not at all. Resampled rows
 * know nothing of rare losses that none of them shows: with this row, rows without any difference have a lower end of
 * about -3 / rows, as the rule of three says.
 *
 * @source Hanley and Lippman-Hand 1983, JAMA 249, 1743-1745
 */
function withLostRow(old: Score, tuned: Score): Comparison {
  const { higherIsBetter } = metricKinds[old.metric];
  const label = old.outcomes.find(({ pair }) => pair !== undefined)?.pair?.[0];
  const row = (isRight: boolean): RowOutcome => {
    const value = isRight === higherIsBetter ? 1 : 0;
    return label === undefined
      ? { value, weight: 1 }
      : { value, weight: 1, pair: [label, isRight ? label : -1] };
  };
  return compareScores(
    { ...old, outcomes: [...old.outcomes, row(true)] },
    { ...tuned, outcomes: [...tuned.outcomes, row(false)] },
  );
}
