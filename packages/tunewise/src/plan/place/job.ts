/** @file A training job, independent of the rented machine. */

import { largest, sum } from "@tunewise/core/math";
import type { OptimizerName } from "@tunewise/core/run";
import type { ModelDescription } from "../../catalog/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { JudgingNeeds, PlanInput, RowLength } from "../input.ts";
import type { Schedule } from "../plan.ts";
import { withOptions } from "../stack/options.ts";
import { findStack, type StackRules, stackRules } from "../stack/rules.ts";
import type { Trained } from "../stack/setting.ts";
import type { TracedPenalty, Traces } from "../trace/trace.ts";
import { type Batching, differentShapes, largestEvaluation, type PaddedBatches, padRows } from "./padded.ts";

/** A training job. */
export interface Job {
  readonly model: ModelDescription;
  readonly trained: Trained;
  readonly stack: StackRules;
  readonly precision: Recipe["training"]["precision"];
  readonly optimizer: OptimizerName;
  /** Rows of an optimizer step, and max. rows of a micro-batch. */
  readonly rowsPerStep: number;
  readonly rowsTogether: number;
  /** Whether the recipe fixes the rows of a micro-batch, divided among the cards; if not, the planner may split it. */
  readonly hasFixedRows: boolean;
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
  /** Tokens of each row of micro-batches of different size, largest first; empty if the order of rows is unknown. */
  readonly shapes: (rows: number) => readonly (readonly number[])[];
  /** Tokens of each row of the worker's largest evaluation batch. */
  readonly evaluationBatch: readonly number[];
  readonly isPacked: boolean;
  readonly labelledShare: number;
  /** Patterns of weights that full fine-tuning freezes. */
  readonly freeze: readonly string[];
  /** Penalty that pulls trained weights towards the base model; `null`: none. */
  readonly penalty: TracedPenalty | null;
  /** Traced steps. */
  readonly traces: Traces;
}

/** Inputs of a job. */
type JobNeeds = Pick<PlanInput, "recipe" | "model" | "lengths" | "judging" | "order" | "traces"> & {
  readonly schedule: Pick<Schedule, "steps" | "evaluations" | "checkpoints">;
};

/** Creates the job of a recipe. */
export function jobOf({ recipe, model, lengths, judging, schedule, order, traces }: JobNeeds): Job {
  const { training, plan, data, evaluation, method } = recipe;
  const clip = ({ tokens }: RowLength): number => Math.min(tokens, data.maxLength);
  const clipped = lengths.train.map(clip);
  return {
    model,
    trained: trainedOf(method),
    stack: stackOf(recipe),
    precision: training.precision,
    optimizer: plan.optimizer ?? training.optimizer,
    rowsPerStep: training.batchSize * training.gradientAccumulationSteps,
    rowsTogether: training.batchSize,
    hasFixedRows: false,
    steps: schedule.steps,
    maxLength: data.maxLength,
    recompute: training.gradientCheckpointing,
    sharding: plan.sharding,
    offload: plan.offload,
    evaluations: schedule.evaluations,
    checkpoints: schedule.checkpoints,
    validation: lengths.validation,
    longestValidation: largest(lengths.validation.map(clip)),
    test: lengths.test.slice(0, evaluation.rows ?? lengths.test.length),
    judging,
    evaluation,
    smokeSteps: plan.smokeSteps,
    tokensPerSecond: plan.tokensPerSecond,
    padded: remembered((rows) => padRows(lengths.train, rows, training.batching as Batching, data.maxLength)),
    shapes: remembered((rows) => {
      const batches = order?.(clipped, { ...training, batchSize: rows, maxLength: data.maxLength }, 0) ?? [];
      return differentShapes(batches.map((batch) => batch.map((at) => clipped[at] ?? 0)));
    }),
    evaluationBatch: largestEvaluation(lengths.validation.map(clip)),
    isPacked: training.batching === "pack",
    labelledShare: labelledShareOf(lengths.train),
    freeze: method.kind === "full" ? method.freeze : [],
    penalty: penaltyOf(recipe.regularization),
    traces: traces ?? new Map(),
  };
}

/** Memoizes a function of the rows of a micro-batch, since all machines ask for the same few values. */
function remembered<Value>(make: (rows: number) => Value): (rows: number) => Value {
  const known = new Map<number, Value>();
  return (rows) => {
    const found = known.get(rows) ?? make(rows);
    known.set(rows, found);
    return found;
  };
}

/** Converts a recipe's method. */
function trainedOf(method: Recipe["method"]): Trained {
  if (method.kind === "full") return { kind: "full" };
  const { kind, rank, targets, dropout, doubleQuantization, dora } = method;
  return { kind, rank, targets, head: false, dropout, doubleQuantization, dora };
}

/** The penalty of a recipe. Importance is estimated on rows of at most `length` tokens, one at a time. */
function penaltyOf({ method, fisher, estimator, length }: Recipe["regularization"]): TracedPenalty | null {
  if (method === "l2-sp") return { kind: method };
  return method === "ewc" ? { kind: method, storage: fisher, estimator, tokens: length } : null;
}

/** Returns the rules of the plan's training framework with the recipe's options. */
export function stackOf({ plan, training }: Pick<Recipe, "plan" | "training">): StackRules {
  const rules = findStack(plan.stack) ?? stackRules.worker;
  return withOptions(rules, {
    float32: training.precision === "fp32",
    ...(training.masterDtype === "auto" ? {} : { masterDtype: training.masterDtype }),
    ...(plan.compile === null ? {} : { compile: plan.compile }),
    ...(plan.fusedLoss === null ? {} : { fusedLoss: plan.fusedLoss }),
  });
}

/** Share of labelled tokens, rounded up to hundredths, so that small changes of the data reuse the same trace. */
function labelledShareOf(rows: readonly { tokens: number; labelledTokens: number }[]): number {
  const all = sum(rows.map(({ tokens }) => tokens));
  return all === 0 ? 1 : Math.ceil((100 * sum(rows.map(({ labelledTokens }) => labelledTokens))) / all) / 100;
}
