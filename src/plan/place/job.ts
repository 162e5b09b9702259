/**
 * @file The training as rented machines see it, whatever machine that is.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { JudgingNeeds, RowLength } from "../input.ts";
import { withOptions } from "../stack/options.ts";
import { findStack, type StackRules, stackRules } from "../stack/rules.ts";
import type { OptimizerKind, Trained } from "../stack/setting.ts";
import { type Batching, type PaddedBatches, padRows } from "./padded.ts";

/** One training job. */
export interface Job {
  readonly model: ModelDescription;
  readonly trained: Trained;
  readonly stack: StackRules;
  readonly optimizer: OptimizerKind;
  /** Rows of an optimizer step, and the most that may go together. */
  readonly rowsPerStep: number;
  readonly rowsTogether: number;
  readonly steps: number;
  readonly maxLength: number;
  readonly recompute: "auto" | "none" | "layer";
  readonly sharding: Recipe["plan"]["sharding"];
  readonly offload: Recipe["plan"]["offload"];
  readonly evaluations: number;
  readonly checkpoints: number;
  readonly validation: readonly RowLength[];
  /** 0: there are no validation rows. */
  readonly longestValidation: number;
  readonly test: readonly RowLength[];
  readonly judging: JudgingNeeds;
  readonly evaluation: Recipe["evaluation"];
  readonly smokeSteps: number;
  /** Tokens per second of one GPU that somebody measured; `null`: none. */
  readonly tokensPerSecond: number | null;
  /** Micro-batches of so many rows. */
  readonly padded: (rows: number) => PaddedBatches;
}

/** What a job is made of. */
export interface JobNeeds {
  readonly recipe: Recipe;
  readonly model: ModelDescription;
  readonly lengths: {
    readonly train: readonly RowLength[];
    readonly validation: readonly RowLength[];
    readonly test: readonly RowLength[];
  };
  readonly judging: JudgingNeeds;
  readonly schedule: { readonly steps: number; readonly evaluations: number; readonly checkpoints: number };
}

/** The job of a recipe. */
export function jobOf({ recipe, model, lengths, judging, schedule }: JobNeeds): Job {
  const { training, plan, data, evaluation } = recipe;
  const known = new Map<number, PaddedBatches>();
  const padded = (rows: number): PaddedBatches => {
    const found =
      known.get(rows) ?? padRows(lengths.train, rows, training.batching as Batching, data.maxLength);
    known.set(rows, found);
    return found;
  };
  return {
    model,
    trained: trainedOf(recipe.method),
    stack: stackOf(plan),
    optimizer: plan.optimizer ?? training.optimizer,
    rowsPerStep: training.batchSize * training.accumulation,
    rowsTogether: training.batchSize,
    steps: schedule.steps,
    maxLength: data.maxLength,
    recompute: training.recompute,
    sharding: plan.sharding,
    offload: plan.offload,
    evaluations: schedule.evaluations,
    checkpoints: schedule.checkpoints,
    validation: lengths.validation,
    longestValidation: lengths.validation.reduce(
      (longest, { tokens }) => Math.max(longest, Math.min(tokens, data.maxLength)),
      0,
    ),
    test: lengths.test.slice(0, evaluation.rows ?? lengths.test.length),
    judging,
    evaluation,
    smokeSteps: plan.smokeSteps,
    tokensPerSecond: plan.tokensPerSecond,
    padded,
  };
}

/** What a method trains, in the planner's words. */
export function trainedOf(method: Recipe["method"]): Trained {
  if (method.kind === "full") return { kind: "full" };
  const { kind, rank, targets, dropout, doubleQuantization } = method;
  return { kind, rank, targets, head: false, dropout, doubleQuantization };
}

/** The rules of the plan's training program with the switches that the recipe names. */
export function stackOf(plan: Recipe["plan"]): StackRules {
  const rules = findStack(plan.stack) ?? stackRules["hf-trl"];
  return withOptions(rules, {
    ...(plan.compile === null ? {} : { compile: plan.compile }),
    ...(plan.fusedLoss === null ? {} : { fusedLoss: plan.fusedLoss }),
  });
}
