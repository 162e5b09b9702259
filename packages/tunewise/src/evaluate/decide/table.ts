/** @file The table of a decision: quality and cost of each arm, and which arms are Pareto-optimal. */

import { quantile, wilsonInterval } from "@tunewise/core/math";
import { type Range, type Seconds, type Usd, usd } from "@tunewise/core/quantity";
import type { Interval } from "../score.ts";
import { bootstrapMean } from "../statistics/clustered.ts";
import type { ArmDraws, Simulations } from "./draws.ts";
import type { ArmKind, DecisionArm, DecisionInput } from "./input.ts";

/** An arm as displayed. */
export interface DecisionRow {
  readonly name: string;
  readonly kind: ArmKind;
  readonly quality: number;
  readonly interval: Interval | null;
  readonly usdToGetThere: Range<Usd>;
  readonly usdPerThousandAnswers: Range<Usd>;
  /** Total cost over the horizon; `null` if the volume is not known. */
  readonly usdTotal: Range<Usd> | null;
  /** Includes all costs if the volume is known, otherwise only the price of answers; `null` if none is right. */
  readonly usdPerCorrect: Range<Usd> | null;
  readonly latency: { readonly p50: Seconds; readonly p95: Seconds } | null;
  readonly upkeep: readonly string[];
  /** No other arm is at least as good and at most as expensive. Oracles are never on the frontier. */
  readonly isOnFrontier: boolean;
}

/** Builds one row per arm, in the order of the arms. */
export function decisionTable(input: DecisionInput, simulations: Simulations): DecisionRow[] {
  const qualities = input.arms.map(({ outcomes }) => meanOf(outcomes));
  const costs = input.arms.map((arm) => expectedUsd(arm, input));
  return input.arms.map((arm, at) => {
    const draws = simulations.arms[at] as ArmDraws;
    const isBeaten = input.arms.some((other, to) => {
      if (other.kind === "oracle") return false;
      const [better, cheaper] = [
        (qualities[to] ?? 0) - (qualities[at] ?? 0),
        (costs[at] ?? 0) - (costs[to] ?? 0),
      ];
      return better >= 0 && cheaper >= 0 && (better > 0 || cheaper > 0 || to < at);
    });
    return {
      name: arm.name,
      kind: arm.kind,
      quality: qualities[at] ?? Number.NaN,
      interval: qualityInterval(arm.outcomes, input),
      usdToGetThere: arm.usdToGetThere,
      usdPerThousandAnswers: arm.usdPerThousandAnswers,
      usdTotal: simulations.answers && rangeOf(totals(draws, simulations.answers)),
      usdPerCorrect: perCorrect(draws, simulations.answers),
      latency: arm.latency,
      upkeep: arm.upkeep,
      isOnFrontier: arm.kind !== "oracle" && !isBeaten,
    };
  });
}

/** Wilson's interval if rows are independent and right or wrong, otherwise a bootstrap over whole groups. */
export function qualityInterval(
  outcomes: readonly number[],
  { groups, seed }: Pick<DecisionInput, "groups" | "seed">,
): Interval | null {
  if (groups === null && isYesNo(outcomes)) {
    const right = outcomes.filter((one) => one === 1).length;
    return outcomes.length > 0 ? wilsonInterval(right, outcomes.length) : null;
  }
  return bootstrapMean(outcomes, groups, { seed, draws: 2000 }).interval;
}

/** Whether every row is right or wrong. */
export function isYesNo(outcomes: readonly number[]): boolean {
  return outcomes.every((one) => one === 0 || one === 1);
}

/** Mean score. */
export function meanOf(outcomes: readonly number[]): number {
  return outcomes.reduce((sum, one) => sum + one, 0) / outcomes.length;
}

/** Expected dollars over the horizon, or per thousand answers if the volume is not known. */
export function expectedUsd(arm: DecisionArm, { answersPerMonth, months }: DecisionInput): number {
  const perAnswer = arm.usdPerThousandAnswers.expected / 1e9;
  if (!answersPerMonth) return perAnswer * 1000;
  const fixed = (arm.usdToGetThere.expected + months * arm.usdPerMonth.expected) / 1e6;
  return fixed + perAnswer * answersPerMonth.expected * months;
}

function totals({ fixedUsd, usdPerAnswer }: ArmDraws, answers: Float64Array): Float64Array {
  return fixedUsd.map((fixed, draw) => fixed + (usdPerAnswer[draw] ?? 0) * (answers[draw] ?? 0));
}

function perCorrect(draws: ArmDraws, answers: Float64Array | null): Range<Usd> | null {
  const money = answers ? totals(draws, answers) : draws.usdPerAnswer;
  const right = draws.quality.map((share, draw) => Math.max(0, share) * (answers?.[draw] ?? 1));
  return rangeOf(money.map((spent, draw) => spent / (right[draw] ?? 0)));
}

/** Sorts the values in place; divisions by zero end up last. */
function rangeOf(values: Float64Array): Range<Usd> | null {
  values.sort();
  const high = quantile(values, 0.95);
  if (!Number.isFinite(high)) return null;
  return { low: usd(quantile(values, 0.05)), expected: usd(quantile(values, 0.5)), high: usd(high) };
}
