/**
 * @file How many test rows, or training rows, would settle what is open.
 */

import { mean, mulberry32, normal80, normal95, populationVariance } from "../../math/index.ts";
import { dollars } from "../../quantity/index.ts";
import { rowsForTarget } from "../statistics/learning-curve.ts";
import { neededRows } from "../statistics/proportion.ts";
import { type ArmDraws, drawQualities, type Worlds } from "./draws.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { referencesOf } from "./prefer.ts";
import { expectedUsd, meanOf } from "./table.ts";
import type { Weighed } from "./weigh.ts";

/** Rows to collect. */
export interface RowsToCollect {
  /** Rows to train on, or rows to judge on. */
  readonly kind: "train" | "test";
  /** In all, those that are there included. */
  readonly atLeast: number;
  /** High end of the range, where there is one. */
  readonly high: number | null;
  /** Share of fits that reach the target at all; `null` where nothing was extrapolated. */
  readonly chance: number | null;
}

/** Beyond so many times the rows at hand a number is no advice. */
const mostTimes = 10;

/**
 * Test rows at which the open comparison would be settled in four of five cases, if things are as they look now.
 *
 * @returns `null` where ten times the rows would not do
 * @source n' = n ((z_95 + z_80) s / |gap|)^2: one-sided at 5 % with a power of 80 %; a mean's variance falls with 1 / n
 */
export function testRowsToDecide(input: DecisionInput, worlds: Worlds, open: Weighed): RowsToCollect | null {
  const gaps = gapsOf(input, worlds, open);
  const rows = (input.arms[0] as DecisionArm).outcomes.length;
  const needed = gaps.map((gap) => {
    const spread = Math.sqrt(populationVariance(gap));
    return rows * (((normal95 + normal80) * spread) / Math.abs(mean(gap))) ** 2;
  });
  // a gap of nothing that never moves is no number, and needs no rows
  const most = Math.ceil(Math.max(0, ...needed.filter((count) => !Number.isNaN(count))));
  return most > rows && most <= rows * mostTimes
    ? { kind: "test", atLeast: most, high: null, chance: null }
    : null;
}

/** Qualities beside what they are measured against, for the arm at hand and its rival. */
function gapsOf(input: DecisionInput, worlds: Worlds, { arm, rival }: Weighed): Float64Array[] {
  const { wish } = input;
  const quality = (at: number): Float64Array => (worlds.arms[at] as ArmDraws).quality;
  const minus = (at: number, from: number | undefined, shift: number): Float64Array => {
    const other = from === undefined ? null : quality(from);
    return quality(at).map((one, draw) => one - (other?.[draw] ?? 0) + shift);
  };
  if (wish.kind === "target" || wish.kind === "gain") {
    const [reference] = referencesOf(input);
    const asked = wish.kind === "gain" ? wish.by : wish.quality;
    return [arm, rival].filter((at) => at !== null).map((at) => minus(at, reference, -asked));
  }
  if (arm === null || rival === null) return [];
  if (wish.kind === "margin") return [minus(arm, rival, wish.margin)];
  const answers = (input.answersPerMonth?.expected ?? 0) * input.months;
  const extra =
    expectedUsd(input.arms[arm] as DecisionArm, input) - expectedUsd(input.arms[rival] as DecisionArm, input);
  // worth nothing, or nobody knows how much: the gap is no number, and no rows would close it
  return [minus(arm, rival, -extra / (dollars(wish.usdPerCorrect) * answers))];
}

/** Training rows at which the learning curve reaches a quality, where that is likely and not there yet. */
export function trainingRowsFor(input: DecisionInput, quality: number): RowsToCollect | null {
  const sizes = input.facts.learningCurve;
  if (sizes.length < 3) return null;
  const outcomes = sizes.map((size) => size.outcomes);
  const drawn = drawQualities(outcomes, input.groups, curveDraws, mulberry32(input.seed));
  // the same test rows throughout: one weight for all, as only the shape matters
  const points = sizes.map((size) => ({ rows: size.rows, score: meanOf(size.outcomes), error: 1 }));
  const largest = Math.max(...sizes.map(({ rows }) => rows));
  const found = rowsForTarget(points, quality, largest * mostTimes, drawn);
  const atLeast = found.rows ?? 0;
  // a curve is extrapolated where that is more likely than not: it says where to look and never that it is certain
  if (found.range === null || atLeast <= largest) return null;
  return { kind: "train", atLeast, high: found.range.high, chance: found.chance };
}

const curveDraws = 300;

/** Test rows that show a gain in four of five cases, from how often two arms differ. @source as `neededRows` */
export function testRowsForGain(first: readonly number[], second: readonly number[], gain: number): number {
  const flips = meanOf(first.map((one, row) => Math.abs(one - (second[row] ?? 0))));
  return neededRows(gain, Math.max(flips, 1 / first.length));
}
