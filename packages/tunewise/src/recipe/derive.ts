/** @file Derives missing training settings from the model's width, the method and the number of rows. */
import { countOf } from "@tunewise/core/quantity";
import { optimizers } from "@tunewise/core/run";
import type { OpenSetting } from "./draft.ts";
import type { MethodSection, Recipe, TrainingSection } from "./recipe.ts";

/** Facts from which settings are derived. */
export interface TrainingFacts {
  /** D, the model's hidden size. */
  readonly hiddenSize: number;
  /** `model_type` of the model's configuration. */
  readonly family: string;
  /** Training rows, or blocks of documents. */
  readonly trainRows: number;
}

/** A derived setting, with an explanation of its value. */
export interface DerivedSetting {
  /** Key as in the file, such as `training.learning_rate`. */
  readonly key: string;
  readonly value: number;
  readonly reason: string;
}

/** Default number of epochs. */
const defaultEpochs = 3;
/** Total rows seen beyond which more epochs over a small data set gain little: 300 steps of the default batch size. */
const minRowsSeen = 2400;
/** Beyond this many epochs a model mostly memorizes the rows. */
const maxEpochs = 10;
/** Total rows seen beyond which another epoch gains little. */
const maxRowsSeen = 25_000;

/** Learning rate of full fine-tuning at hidden size 2,000. */
const rateAtWidth2000 = 5e-5;
/** Ratio of LoRA's best learning rate to that of full fine-tuning, at alpha 32. */
const loraOverFull = 10;
/** The same for short runs. */
const shortLoraOverFull = 15;
/** Steps after which a run is no longer short. */
const shortSteps = 100;
/** Exponent of the decrease of the best rate with the width, by family; only measured for these. */
const widthExponents = new Map([
  ["llama", 0.781],
  ["qwen2", 0.0775],
  ["qwen3", 0.0775],
]);
/** Other families: between the two measured values. */
const otherExponent = 0.43;
/** Widths are clamped to the range for which the rule is plausible. */
const widthsCovered = { min: 512, max: 16_384 } as const;
/** The alpha for which the ratios above hold. */
export const defaultAlpha = 32;
/**
 * Completes a recipe with derived settings, and returns their explanations.
 *
 * @param open settings missing in the recipe's file
 * @param facts facts about the model and the training rows
 */
export function deriveTraining(
  recipe: Recipe,
  open: readonly OpenSetting[],
  facts: TrainingFacts,
): { readonly recipe: Recipe; readonly derived: readonly DerivedSetting[] } {
  const derived: DerivedSetting[] = [];
  let { training } = recipe;
  if (open.includes("epochs")) {
    const areDocuments = recipe.task.kind === "language-modeling";
    const rows = facts.trainRows;
    training = { ...training, epochs: areDocuments ? documentEpochs(rows) : epochsFor(rows) };
    const { epochs: value, steps } = training;
    const reason = areDocuments ? documentsReason(rows) : epochsReason(rows);
    if (steps === null) derived.push({ key: "training.epochs", value, reason });
  }
  if (open.includes("learningRate")) {
    const steps = stepsOf(training, facts.trainRows);
    const learningRate = learningRateFor(recipe.method, facts, steps);
    training = { ...training, learningRate };
    derived.push({
      key: "training.learning_rate",
      value: learningRate,
      reason: rateReason(recipe.method, facts, steps),
    });
  }
  return { recipe: { ...recipe, training }, derived };
}

/**
 * Number of epochs: three, more for few rows, fewer for many.
 *
 * @source the shape of the rule (three, more while few rows are seen, fewer beyond 25,000) is that of OpenAI's
 *   cookbook, examples/Chat_finetuning_data_prep.ipynb; the lower end: docs/benchmarks.md, "Defaults"
 */
export function epochsFor(trainRows: number): number {
  const rows = Math.max(1, trainRows);
  if (defaultEpochs * rows < minRowsSeen) return Math.min(maxEpochs, Math.ceil(minRowsSeen / rows));
  return Math.max(1, Math.min(defaultEpochs, Math.floor(maxRowsSeen / rows)));
}

/**
 * Number of epochs on documents: three, fewer for much text, and never more, since a model memorizes text that it reads
 * often.
 *
 * @source Muennighoff et al. 2023, "Scaling Data-Constrained Language Models" (arXiv 2305.16264), section 6: up to four
 *   epochs are worth nearly as much as new text
 */
function documentEpochs(blocks: number): number {
  return Math.max(1, Math.min(defaultEpochs, Math.floor(maxRowsSeen / Math.max(1, blocks))));
}

function documentsReason(blocks: number): string {
  return documentEpochs(blocks) < defaultEpochs
    ? `${countOf(blocks, "block")} are much text: about ${maxRowsSeen} seen in all are enough`
    : "text that is read up to four times is worth nearly as much as new text";
}

/**
 * Learning rate of AdamW for a model and a method.
 *
 * The rate of full fine-tuning falls with the width. LoRA's best rate is about ten times as large for any rank, given a
 * fixed alpha and scaling by alpha / rank; up to 15 times in runs of a hundred steps or fewer.
 *
 * @param steps optimizer steps of the run
 * @source Schulman et al. 2025, "LoRA Without Regret" (Thinking Machines), sections on the rate and on short runs;
 *   widths: thinking-machines-lab/tinker-cookbook tinker_cookbook/hyperparam_utils.py `get_lr`, read 2026-11-27
 */
export function learningRateFor(method: MethodSection, facts: TrainingFacts, steps: number): number {
  const width = Math.min(widthsCovered.max, Math.max(widthsCovered.min, facts.hiddenSize));
  const full = rateAtWidth2000 * (2000 / width) ** exponentOf(facts.family);
  if (method.kind === "full") return rounded(full);
  // AdamW's step size does not depend on the gradient's scale: twice the alpha moves the product B A twice as far
  const alpha = method.rslora ? method.alpha * Math.sqrt(method.rank) : method.alpha;
  return rounded(
    Math.min(
      optimizers.adamw.maxLearningRate ?? Number.POSITIVE_INFINITY,
      (full * overFull(steps) * defaultAlpha) / alpha,
    ),
  );
}

/** From 15 in the shortest runs to 10 in runs of several hundred steps. */
function overFull(steps: number): number {
  const share = Math.min(1, shortSteps / Math.max(1, steps));
  return loraOverFull + (shortLoraOverFull - loraOverFull) * share;
}

function exponentOf(family: string): number {
  return widthExponents.get(family) ?? otherExponent;
}

/** Optimizer steps of a run, before rows are truncated or packed. */
function stepsOf(
  { steps, epochs, batchSize, gradientAccumulationSteps: accumulation }: TrainingSection,
  trainRows: number,
): number {
  return steps ?? Math.max(1, Math.round((epochs * trainRows) / (batchSize * accumulation)));
}

function epochsReason(rows: number): string {
  const epochs = epochsFor(rows);
  if (epochs > defaultEpochs)
    return `${countOf(rows, "row")} are few: so often that about ${minRowsSeen} are seen in all`;
  return epochs < defaultEpochs
    ? `${countOf(rows, "row")} are many: about ${maxRowsSeen} seen in all are enough`
    : "the usual number";
}

function rateReason(
  { kind, alpha }: MethodSection,
  { hiddenSize, family }: TrainingFacts,
  steps: number,
): string {
  const width = `hidden size ${hiddenSize} (${family})`;
  if (kind === "full") return `full fine-tuning at ${width}`;
  const multiple = Number(overFull(steps).toPrecision(3));
  return `${multiple} times the rate of full fine-tuning at ${width}, for alpha ${alpha} and ${countOf(steps, "step")}`;
}

/** Two significant digits; the rule is no more precise. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(2));
}
