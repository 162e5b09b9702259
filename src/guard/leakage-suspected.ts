/**
 * @file The guard of results that are too good to be true: often the answers were seen, or stand in the prompts.
 */
import { mean, meanVariance } from "../math/index.ts";
import type { Evidence } from "./act.ts";
import type { EvaluationPoint } from "./overfitting.ts";

/** All that the guard looks at. */
export interface LeakageState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  /** Training losses of all steps so far, oldest first, from step 1. */
  readonly losses: readonly number[];
  readonly stepsPerEpoch: number;
}

/** Nats a token: nine of ten tokens' probability is above 99 %. */
const knownLoss = 0.01;
/** Share of the training loss around it that a validation loss is not below by chance, ... */
const easierShare = 0.7;
/** ... with so many standard errors, at so many looks in a row, each with so many steps on both sides. */
const [easierErrors, easierLooks, aroundSteps] = [3, 3, 8];

/**
 * Speaks where validation rows are answered all but surely before every training row was seen once, or where they are
 * easier than training rows at looks in a row: than those of the steps before and of the steps after each look, so that
 * a loss that falls quickly does not count.
 */
export function checkLeakage(state: LeakageState): Evidence | null {
  const last = state.evaluations.at(-1);
  if (!last) return null;
  const about = { guard: "too-good", since: last.step, isHint: false } as const;
  if (last.validationLoss < knownLoss && last.step < state.stepsPerEpoch) {
    const sentence =
      `the validation loss is ${last.validationLoss.toPrecision(2)} nats a token at step ${last.step}, before all ` +
      `rows were seen once. ${signs("answers stand in the prompts")}`;
    return { ...about, sentence };
  }
  const looks = state.evaluations
    .filter(({ step }) => step + aroundSteps <= state.losses.length)
    .slice(-easierLooks);
  if (looks.length < easierLooks || !looks.every((look) => isEasier(look, state.losses))) return null;
  const look = looks.at(-1) ?? last;
  const sentence =
    `at ${easierLooks} looks in a row validation rows were easier than training rows: ` +
    `${look.validationLoss.toPrecision(3)} nats a token at step ${look.step}, where training rows had ` +
    `${mean(around(look, state.losses).flat()).toPrecision(3)}. ${signs("validation rows are among the training rows")}`;
  return { ...about, sentence };
}

function signs(leak: string): string {
  return `Perhaps ${leak}, or rows are made by a rule: tunewise check says which rows repeat others.`;
}

/** Losses of the steps before and after a look. */
function around({ step }: EvaluationPoint, losses: readonly number[]): readonly [number[], number[]] {
  const part = (from: number): number[] =>
    losses.slice(Math.max(0, from), from + aroundSteps).filter(Number.isFinite);
  return [part(step - aroundSteps), part(step)];
}

/** @source mean less three standard errors: s / sqrt(n) */
function isEasier(look: EvaluationPoint, losses: readonly number[]): boolean {
  return around(look, losses).every(
    (part) =>
      look.validationLoss < easierShare * mean(part) &&
      look.validationLoss < mean(part) - easierErrors * Math.sqrt(meanVariance(part)),
  );
}
