/** @file How many test rows or training rows would settle an open question. */

import { mean, mulberry32, normal80, normalQuantile, populationVariance } from "@tunewise/core/math";
import { dollars } from "@tunewise/core/quantity";
import { rowsForTarget } from "../statistics/learning-curve.ts";
import { neededRows } from "../statistics/proportion.ts";
import { type ArmDraws, drawQualities, type Simulations } from "./draws.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { referencesOf } from "./prefer.ts";
import { expectedUsd, meanOf } from "./table.ts";
import type { Weighed } from "./weigh.ts";

/** Number of rows to collect. */
export interface RowsToCollect {
  /** Rows to train on, or rows to test on. */
  readonly kind: "train" | "test";
  /** Total, including the rows that already exist. */
  readonly atLeast: number;
  /** Upper end of the range, if there is one. */
  readonly high: number | null;
  /** Share of fits that reach the target at all; `null` if nothing was extrapolated. */
  readonly chance: number | null;
}

/** A number beyond this multiple of the existing rows is not useful advice. */
const maxMultiple = 10;

/**
 * Number of test rows at which the open comparison would be settled with 80 % power, if current estimates hold.
 *
 * @returns `null` if ten times the rows would not be enough
 * @source n' = n ((z_needs + z_80) s / |gap|)^2: one-sided, like the verdict, with a power of 80 %; the variance of a
 *   mean falls with 1 / n
 */
export function testRowsToDecide(
  input: DecisionInput,
  simulations: Simulations,
  open: Weighed,
): RowsToCollect | null {
  const gaps = gapsOf(input, simulations, open);
  const rows = (input.arms[0] as DecisionArm).outcomes.length;
  const needed = gaps.map((gap) => {
    const spread = Math.sqrt(populationVariance(gap));
    return rows * (((normalQuantile(open.needs) + normal80) * spread) / Math.abs(mean(gap))) ** 2;
  });
  // a zero gap without variance is NaN, and needs no rows
  const rowsNeeded = Math.ceil(Math.max(0, ...needed.filter((count) => !Number.isNaN(count))));
  return rowsNeeded > rows && rowsNeeded <= rows * maxMultiple
    ? { kind: "test", atLeast: rowsNeeded, high: null, chance: null }
    : null;
}

/** Qualities and the threshold they are measured against, for the arm in question and its strongest alternative. */
function gapsOf(input: DecisionInput, simulations: Simulations, { arm, rival }: Weighed): Float64Array[] {
  const { objective } = input;
  const quality = (at: number): Float64Array => (simulations.arms[at] as ArmDraws).quality;
  const minus = (at: number, from: number | undefined, shift: number): Float64Array => {
    const other = from === undefined ? null : quality(from);
    return quality(at).map((one, draw) => one - (other?.[draw] ?? 0) + shift);
  };
  if (objective.kind === "target" || objective.kind === "gain") {
    const [reference] = referencesOf(input);
    const asked = objective.kind === "gain" ? objective.by : objective.quality;
    return [arm, rival].filter((at) => at !== null).map((at) => minus(at, reference, -asked));
  }
  if (arm === null || rival === null) return [];
  if (objective.kind === "margin") return [minus(arm, rival, objective.margin)];
  const answers = (input.answersPerMonth?.expected ?? 0) * input.months;
  const extra =
    expectedUsd(input.arms[arm] as DecisionArm, input) - expectedUsd(input.arms[rival] as DecisionArm, input);
  // if the value is zero or unknown, the gap is NaN, and no number of rows would close it
  return [minus(arm, rival, -extra / (dollars(objective.usdPerCorrect) * answers))];
}

/** Number of training rows at which the learning curve reaches a quality, if it is likely to and has not yet. */
export function trainingRowsFor(input: DecisionInput, quality: number): RowsToCollect | null {
  const sizes = input.facts.learningCurve;
  if (sizes.length < 3) return null;
  const outcomes = sizes.map((size) => size.outcomes);
  const drawn = drawQualities(outcomes, input.groups, curveDraws, mulberry32(input.seed));
  // the same test rows throughout: one weight for all, since only the shape matters
  const points = sizes.map((size) => ({ rows: size.rows, score: meanOf(size.outcomes), error: 1 }));
  const largest = Math.max(...sizes.map(({ rows }) => rows));
  const found = rowsForTarget(points, quality, largest * maxMultiple, drawn);
  const atLeast = found.rows ?? 0;
  // extrapolated only if reaching it is more likely than not: the result is a hint, never a certainty
  if (found.range === null || atLeast <= largest) return null;
  return { kind: "train", atLeast, high: found.range.high, chance: found.chance };
}

const curveDraws = 300;

/**
 * Number of test rows that detect a gain with 80 % power, given how often two arms differ.
 *
 * @source as `neededRows`
 */
export function testRowsForGain(first: readonly number[], second: readonly number[], gain: number): number {
  const flips = meanOf(first.map((one, row) => Math.abs(one - (second[row] ?? 0))));
  return neededRows(gain, Math.max(flips, 1 / first.length));
}
