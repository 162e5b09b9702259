/**
 * @file Settings of the training that a recipe leaves out, derived from the model's width, the method and the number of
 * rows.
 */
import type { OpenSetting } from "./draft.ts";
import type { MethodSection, Recipe, TrainingSection } from "./recipe.ts";

/** What settings are derived from. */
export interface TrainingFacts {
  /** D, the model's hidden size. */
  readonly hiddenSize: number;
  /** `model_type` of the model's configuration. */
  readonly family: string;
  readonly trainRows: number;
}

/** A setting that the recipe left out, with the sentence that says where its value comes from. */
export interface DerivedSetting {
  /** As in the file: `training.learning_rate`. */
  readonly key: string;
  readonly value: number;
  readonly reason: string;
}

/** Passes over the rows where their number gives no reason for more or fewer. */
const usualEpochs = 3;
/** Rows seen in all at which training a small data set again stops paying: 300 steps of the usual batch. */
const fewestRowsSeen = 2400;
/** Beyond this many passes over the same rows a model mostly learns them by heart. */
const mostEpochs = 10;
/** Rows seen in all above which a pass more buys little. */
const mostRowsSeen = 25_000;

/** Full fine-tuning's rate at a hidden size of 2,000. */
const rateAtWidth2000 = 5e-5;
/** How many times as large LoRA's best rate is, for an alpha of 32 over the rank. */
const loraOverFull = 10;
/** The same for runs of a few steps. */
const shortLoraOverFull = 15;
/** Steps after which a run is no longer short. */
const shortSteps = 100;
/** How the best rate falls with the width, by family; measured for these two alone. */
const widthExponents = new Map([
  ["llama", 0.781],
  ["qwen2", 0.0775],
  ["qwen3", 0.0775],
]);
/** Other families: between the two that were measured. */
const otherExponent = 0.43;
/** Far beyond the widths that the rule was made from, it is not followed. */
const widthsCovered = { least: 512, most: 16_384 } as const;
/** The alpha that the multiples above are for. */
export const usualAlpha = 32;
/** Above this AdamW diverges whatever is trained. */
const highestRate = 1e-2;

/**
 * The recipe with values for the settings that it leaves out, and where they come from.
 *
 * @param open settings that the recipe's file does not name
 * @param facts of the model and the training rows
 */
export function deriveTraining(
  recipe: Recipe,
  open: readonly OpenSetting[],
  facts: TrainingFacts,
): { readonly recipe: Recipe; readonly derived: readonly DerivedSetting[] } {
  const derived: DerivedSetting[] = [];
  let { training } = recipe;
  if (open.includes("epochs")) {
    training = { ...training, epochs: epochsFor(facts.trainRows) };
    const { epochs: value, steps } = training;
    if (steps === null)
      derived.push({ key: "training.epochs", value, reason: epochsReason(facts.trainRows) });
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
 * Passes over the rows: three, more for few rows, fewer for many.
 *
 * @source the shape of the rule (three, more while few rows are seen, fewer beyond 25,000) is that of OpenAI's
 *   cookbook, examples/Chat_finetuning_data_prep.ipynb; the lower end: docs/benchmarks.md, "Defaults"
 */
export function epochsFor(trainRows: number): number {
  const rows = Math.max(1, trainRows);
  if (usualEpochs * rows < fewestRowsSeen) return Math.min(mostEpochs, Math.ceil(fewestRowsSeen / rows));
  return Math.max(1, Math.min(usualEpochs, Math.floor(mostRowsSeen / rows)));
}

/**
 * The learning rate of AdamW for a model and a method.
 *
 * Full fine-tuning falls with the width; LoRA's best rate is about ten times as large whatever the rank, as long as the
 * update is scaled by alpha over rank with a fixed alpha, and up to 15 times in runs of a hundred steps and fewer.
 *
 * @param steps optimizer steps of the run
 * @source Schulman et al. 2025, "LoRA Without Regret" (Thinking Machines), sections on the rate and on short runs;
 *   widths: thinking-machines-lab/tinker-cookbook tinker_cookbook/hyperparam_utils.py `get_lr`, read 2026-11-27
 */
export function learningRateFor(method: MethodSection, facts: TrainingFacts, steps: number): number {
  const width = Math.min(widthsCovered.most, Math.max(widthsCovered.least, facts.hiddenSize));
  const full = rateAtWidth2000 * (2000 / width) ** exponentOf(facts.family);
  if (method.kind === "full") return rounded(full);
  // AdamW's steps have one size whatever the gradient's: twice the alpha moves the product B A twice as far
  const alpha = method.rslora ? method.alpha * Math.sqrt(method.rank) : method.alpha;
  return rounded(Math.min(highestRate, (full * overFull(steps) * usualAlpha) / alpha));
}

/** From 15 times in the shortest runs to 10 in runs of several hundred steps. */
function overFull(steps: number): number {
  const share = Math.min(1, shortSteps / Math.max(1, steps));
  return loraOverFull + (shortLoraOverFull - loraOverFull) * share;
}

function exponentOf(family: string): number {
  return widthExponents.get(family) ?? otherExponent;
}

/** Optimizer steps of a run over so many rows, before any row is cut or joined. */
function stepsOf({ steps, epochs, batchSize, accumulation }: TrainingSection, trainRows: number): number {
  return steps ?? Math.max(1, Math.round((epochs * trainRows) / (batchSize * accumulation)));
}

function epochsReason(rows: number): string {
  const epochs = epochsFor(rows);
  if (epochs > usualEpochs)
    return `${rows} rows are few: so often that about ${fewestRowsSeen} are seen in all`;
  return epochs < usualEpochs
    ? `${rows} rows are many: about ${mostRowsSeen} seen in all are enough`
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
  return `${multiple} times the rate of full fine-tuning at ${width}, for alpha ${alpha} and ${steps} steps`;
}

/** Two digits: nobody's rule knows a third. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(2));
}
