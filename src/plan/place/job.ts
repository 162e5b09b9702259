/** @file A training job, independent of the rented machine. */
import type { ModelDescription } from "../../catalog/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { JudgingNeeds, PlanInput, RowLength } from "../input.ts";
import type { Schedule } from "../plan.ts";
import { withOptions } from "../stack/options.ts";
import { findStack, type StackRules, stackRules } from "../stack/rules.ts";
import type { OptimizerKind, Trained } from "../stack/setting.ts";
import { type Batching, type PaddedBatches, padRows } from "./padded.ts";

/** A training job. */
export interface Job {
  readonly model: ModelDescription;
  readonly trained: Trained;
  readonly stack: StackRules;
  readonly optimizer: OptimizerKind;
  /** Rows of an optimizer step, and max. rows of a micro-batch. */
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
  /** 0: no validation rows. */
  readonly longestValidation: number;
  readonly test: readonly RowLength[];
  readonly judging: JudgingNeeds;
  readonly evaluation: Recipe["evaluation"];
  readonly smokeSteps: number;
  /** Measured tokens per second of one GPU; `null`: none. */
  readonly tokensPerSecond: number | null;
  /** Micro-batches of the given number of rows. */
  readonly padded: (rows: number) => PaddedBatches;
}

/** Inputs of a job. */
type JobNeeds = Pick<PlanInput, "recipe" | "model" | "lengths" | "judging"> & {
  readonly schedule: Pick<Schedule, "steps" | "evaluations" | "checkpoints">;
};

/** Creates the job of a recipe. */
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

/** Converts a recipe's method. */
function trainedOf(method: Recipe["method"]): Trained {
  if (method.kind === "full") return { kind: "full" };
  const { kind, rank, targets, dropout, doubleQuantization } = method;
  return { kind, rank, targets, head: false, dropout, doubleQuantization };
}

/** Returns the rules of the plan's training framework with the recipe's options. */
function stackOf(plan: Recipe["plan"]): StackRules {
  const rules = findStack(plan.stack) ?? stackRules["hf-trl"];
  return withOptions(rules, {
    ...(plan.compile === null ? {} : { compile: plan.compile }),
    ...(plan.fusedLoss === null ? {} : { fusedLoss: plan.fusedLoss }),
  });
}
