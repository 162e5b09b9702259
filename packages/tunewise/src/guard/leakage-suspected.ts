/**
 * @file The leakage guard: implausibly low validation losses, usually because answers were seen in training or appear
 *   in the prompts.
 */
import { mean, meanVariance } from "@tunewise/core/math";
import type { Evidence } from "./act.ts";
import type { EvaluationPoint } from "./overfitting.ts";

/** Input of the leakage guard. */
export interface LeakageState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  /** Training losses of all steps so far, oldest first, from step 1. */
  readonly losses: readonly number[];
  readonly stepsPerEpoch: number;
}

/** In nats per token: corresponds to a probability of 99 % per token. */
const knownLoss = 0.01;
/** A validation loss is suspect if it is below this share of the training loss around it, ... */
const easierShare = 0.7;
/** ... by this many standard errors, at this many evaluations in a row, each compared with this many steps per side. */
const [easierErrors, easierEvaluations, aroundSteps] = [3, 3, 8];

/**
 * Reports that validation rows are predicted almost with certainty before every training row was seen once, or that
 * they are easier than training rows at consecutive evaluations. Each evaluation is compared with the steps before and
 * after it, so that a quickly falling loss is not reported.
 */
export function checkLeakage(state: LeakageState): Evidence | null {
  const last = state.evaluations.at(-1);
  if (!last) return null;
  const found = { guard: "leakage-suspected", since: last.step, isHint: false } as const;
  if (last.validationLoss < knownLoss && last.step < state.stepsPerEpoch) {
    const sentence =
      `the validation loss is ${last.validationLoss.toPrecision(2)} nats a token at step ${last.step}, before all ` +
      `rows were seen once. ${signs("answers stand in the prompts")}`;
    return { ...found, sentence };
  }
  const measured = state.evaluations
    .filter(({ step }) => step + aroundSteps <= state.losses.length)
    .slice(-easierEvaluations);
  if (
    measured.length < easierEvaluations ||
    !measured.every((evaluation) => isEasier(evaluation, state.losses))
  )
    return null;
  const evaluation = measured.at(-1) ?? last;
  const sentence =
    `at ${easierEvaluations} looks in a row validation rows were easier than training rows: ` +
    `${evaluation.validationLoss.toPrecision(3)} nats a token at step ${evaluation.step}, where training rows had ` +
    `${mean(around(evaluation, state.losses).flat()).toPrecision(3)}. ${signs("validation rows are among the training rows")}`;
  return { ...found, sentence };
}

function signs(leak: string): string {
  return `Perhaps ${leak}, or rows are made by a rule: tunewise check says which rows repeat others.`;
}

/** Training losses of the steps before and after an evaluation. */
function around({ step }: EvaluationPoint, losses: readonly number[]): readonly [number[], number[]] {
  const part = (from: number): number[] =>
    losses.slice(Math.max(0, from), from + aroundSteps).filter(Number.isFinite);
  return [part(step - aroundSteps), part(step)];
}

/** @source mean minus three standard errors: s / sqrt(n) */
function isEasier(evaluation: EvaluationPoint, losses: readonly number[]): boolean {
  return around(evaluation, losses).every(
    (part) =>
      evaluation.validationLoss < easierShare * mean(part) &&
      evaluation.validationLoss < mean(part) - easierErrors * Math.sqrt(meanVariance(part)),
  );
}
