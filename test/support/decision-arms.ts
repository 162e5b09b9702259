/** @file Arms, inputs and simulated outcomes of a decision in round numbers, for examples checked by hand. */

import { type Range, range, type Usd, usd } from "@tunewise/core/quantity";
import type { ArmDraws, Simulations } from "../../packages/tunewise/src/evaluate/decide/draws.ts";
import type {
  ArmKind,
  DecisionArm,
  DecisionFacts,
  DecisionInput,
} from "../../packages/tunewise/src/evaluate/decide/input.ts";

/** An amount without uncertainty. */
export function exactly(dollars: number): Range<Usd> {
  return range(usd(dollars), usd(dollars), usd(dollars));
}

/** Outcomes of rows of which the first `right` are correct. */
export function rightOf(right: number, rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => (row < right ? 1 : 0));
}

/** Costs of an arm in dollars; default: 0. */
interface Costs {
  readonly once?: number;
  readonly thousand?: number;
  readonly monthly?: number;
}

/** An arm with exactly known costs. */
export function armOf(
  name: string,
  kind: ArmKind,
  outcomes: readonly number[],
  { once = 0, thousand = 0, monthly = 0 }: Costs = {},
): DecisionArm {
  return {
    name,
    kind,
    outcomes,
    latency: null,
    upkeep: [],
    usdToGetThere: exactly(once),
    usdPerThousandAnswers: exactly(thousand),
    usdPerMonth: exactly(monthly),
  };
}

/** Facts that trigger no rule. */
export const plainFacts: DecisionFacts = {
  cleanTrainingRows: 1000,
  failedLeakChecks: [],
  needsCitations: false,
  factsChange: false,
  failing: [],
  latencyLimit: null,
  learningCurve: [],
  shots: [],
};

/** An input for these arms; default: a thousand answers a month for ten months. */
export function inputFor(
  arms: readonly DecisionArm[],
  { facts = {}, ...rest }: Partial<Omit<DecisionInput, "facts">> & { facts?: Partial<DecisionFacts> } = {},
): DecisionInput {
  return {
    arms,
    groups: null,
    answersPerMonth: range(1000, 1000, 1000),
    months: 10,
    seed: 1,
    objective: { kind: "margin", margin: 0.02 },
    ...rest,
    facts: { ...plainFacts, ...facts },
  };
}

/** Explicit simulations: for each arm its quality, fixed dollars and dollars per answer in every simulation. */
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
      quality: filled(quality),
      fixedUsd: filled(fixed),
      usdPerAnswer: filled(each),
    }),
  );
  return { count, answers: answers && Float64Array.from(answers), arms: drawn };
}
