/** @file Arms, inputs and worlds of a decision with round numbers, for examples that are worked out by hand. */

import { type Range, range, type Usd, usd } from "@tunewise/core/quantity";
import type { ArmDraws, Simulations } from "../../packages/tunewise/src/evaluate/decide/draws.ts";
import type {
  ArmKind,
  DecisionArm,
  DecisionFacts,
  DecisionInput,
} from "../../packages/tunewise/src/evaluate/decide/input.ts";

/** Dollars without doubt. */
export function exactly(dollars: number): Range<Usd> {
  return range(usd(dollars), usd(dollars), usd(dollars));
}

/** Rows of which the first ones are right. */
export function rightOf(right: number, rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => (row < right ? 1 : 0));
}

/** What an arm costs in dollars; what is not named is free. */
interface Costs {
  readonly once?: number;
  readonly thousand?: number;
  readonly monthly?: number;
}

/** An arm whose costs are known to the cent. */
export function armOf(
  name: string,
  kind: ArmKind,
  outcomes: readonly number[],
  { once = 0, thousand = 0, monthly = 0 }: Costs = {},
): DecisionArm {
  return {
    ...{ name, kind, outcomes, latency: null, upkeep: [] },
    usdToGetThere: exactly(once),
    usdPerThousandAnswers: exactly(thousand),
    usdPerMonth: exactly(monthly),
  };
}

/** Facts that no rule has anything to say of. */
export const plainFacts: DecisionFacts = {
  ...{ cleanTrainingRows: 1000, failedLeakChecks: [], needsCitations: false, factsChange: false },
  ...{ failing: [], latencyLimit: null, learningCurve: [], shots: [] },
};

/** An input for these arms: a thousand answers a month for ten months unless told otherwise. */
export function inputFor(
  arms: readonly DecisionArm[],
  { facts = {}, ...rest }: Partial<Omit<DecisionInput, "facts">> & { facts?: Partial<DecisionFacts> } = {},
): DecisionInput {
  return {
    ...{ arms, groups: null, answersPerMonth: range(1000, 1000, 1000), months: 10, seed: 1 },
    objective: { kind: "margin", margin: 0.02 },
    ...rest,
    facts: { ...plainFacts, ...facts },
  };
}

/** Worlds as they are written down: for each arm its quality, fixed dollars and dollars per answer in every world. */
export function worldsOf(
  arms: readonly { quality?: readonly number[]; fixed?: readonly number[]; each?: readonly number[] }[],
  answers: readonly number[] | null = null,
): Simulations {
  const count = Math.max(
    ...arms.flatMap(({ quality, fixed, each }) => [quality, fixed, each].map((one) => one?.length ?? 0)),
  );
  const filled = (values: readonly number[] | undefined): Float64Array =>
    values ? Float64Array.from(values) : new Float64Array(count);
  const drawn = arms.map(
    ({ quality, fixed, each }): ArmDraws => ({
      ...{ quality: filled(quality), fixedUsd: filled(fixed), usdPerAnswer: filled(each) },
    }),
  );
  return { count, answers: answers && Float64Array.from(answers), arms: drawn };
}
