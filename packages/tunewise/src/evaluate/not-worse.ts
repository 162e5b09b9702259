/** @file Is a model not worse than the one it replaces? The verdict on the rows that both answered. */

import { type BootstrapSettings, normal975 } from "@tunewise/core/math";
import { compareScores } from "./compare.ts";
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
import { countPairs, type PairedCounts, pairedDifference } from "./statistics/proportion.ts";

/** An old and a new model on the same rows, and whether the new one is not worse by more than a margin. */
export interface NotWorse {
  /** Values of both models over the rows that could be scored for both. */
  readonly old: number;
  readonly tuned: number;
  readonly rows: number;
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
 * Judges the scores of the new model against those of the old one.
 *
 * @param old score of the model to be replaced, on the same references as `tuned`
 * @param margin largest accepted loss as a share, such as 0.02 for two points
 * @throws {RangeError} for a metric that is no share, or scores of other rows
 * @source the spread of graded differences from their interval: (high - low) sqrt(n) / (2 z_0.975)
 */
export function judgeNotWorse(
  old: Score,
  tuned: Score,
  margin: number,
  settings: Partial<BootstrapSettings> = {},
): NotWorse {
  const kind = metricKinds[old.metric];
  if (kind.unit !== "share") throw new RangeError(`Internal: a margin in points does not fit ${old.metric}`);
  const { counts, rows, interval, difference } = compareScores(old, tuned, settings);
  if (counts !== null) return judgeCounts(counts, margin);
  const value = onBoth(old, tuned);
  const common = { old: value, tuned: value + difference, rows, margin };
  if (rows < 2) return { ...common, gain: null, verdict: "unclear", power: null, rowsNeeded: null };
  const withLoss = intervalWithLostRow(old, tuned, settings);
  const gain = kind.higherIsBetter || withLoss === null ? withLoss : mirrored(withLoss);
  const { low, high } = interval ?? { low: -1, high: 1 };
  const spread = (Math.sqrt(rows) * (high - low)) / (2 * normal975);
  return {
    ...common,
    gain,
    verdict: nonInferiority(gain, margin),
    power: spreadPower(rows, margin, spread),
    rowsNeeded: rowsForSpread(margin, spread),
  };
}

/** Judges answers that are right or wrong: `onlyBase` counts those that only the old model answers right. */
export function judgeCounts(counts: PairedCounts, margin: number): NotWorse {
  const { both, onlyBase, onlyTuned, neither } = counts;
  const rows = both + onlyBase + onlyTuned + neither;
  const common = { old: (both + onlyBase) / rows, tuned: (both + onlyTuned) / rows, rows, margin };
  if (rows < 2) return { ...common, gain: null, verdict: "unclear", power: null, rowsNeeded: null };
  const gain = pairedDifference(counts);
  // one differing row more than was seen, so that agreement on few rows promises nothing
  const flips = (onlyBase + onlyTuned + 1) / (rows + 1);
  const models = { margin, flips, accuracy: (common.old + common.tuned) / 2 };
  return {
    ...common,
    gain,
    verdict: nonInferiority(gain, margin),
    power: nonInferiorityPower(rows, models),
    rowsNeeded: rowsForNonInferiority(models),
  };
}

/** Judges a yes-no property of the answers, paired by row. */
export function judgeYesNo(old: readonly boolean[], tuned: readonly boolean[], margin: number): NotWorse {
  return judgeCounts(countPairs(old, tuned), margin);
}

/** The old model's value over the rows that could be scored for both. */
function onBoth(old: Score, tuned: Score): number {
  const shared = old.outcomes.filter(
    ({ weight }, row) => weight > 0 && (tuned.outcomes[row]?.weight ?? 0) > 0,
  );
  return metricKinds[old.metric].aggregate(shared, null);
}

function mirrored({ low, high }: Interval): Interval {
  return { low: -high, high: -low };
}

/**
 * The interval with one row more, which the old model answers perfectly and the new one not at all. Resampled rows
 * know nothing of rare losses that none of them shows: with this row, rows without any difference have a lower end of
 * about -3 / rows, as the rule of three says.
 *
 * @source Hanley and Lippman-Hand 1983, JAMA 249, 1743-1745
 */
function intervalWithLostRow(
  old: Score,
  tuned: Score,
  settings: Partial<BootstrapSettings>,
): Interval | null {
  const { higherIsBetter } = metricKinds[old.metric];
  const label = old.outcomes.find(({ pair }) => pair !== undefined)?.pair?.[0];
  const row = (isRight: boolean): RowOutcome => {
    const value = isRight === higherIsBetter ? 1 : 0;
    return label === undefined
      ? { value, weight: 1 }
      : { value, weight: 1, pair: [label, isRight ? label : -1] };
  };
  const { interval } = compareScores(
    { ...old, outcomes: [...old.outcomes, row(true)] },
    { ...tuned, outcomes: [...tuned.outcomes, row(false)] },
    settings,
  );
  return interval;
}
