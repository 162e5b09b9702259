/** @file A recipe's hyperparameters under their common names, for records and other trackers. */
import { schedules } from "@tunewise/core/run";
import type { MethodSection, Recipe, TrainingSection } from "./recipe.ts";

/**
 * Returns names and values as text. Names are those of Hugging Face's `TrainingArguments`, TRL's `SFTConfig` and
 * `ModelConfig`, PEFT's `LoraConfig`, and `BitsAndBytesConfig`, where they exist.
 *
 * @source huggingface/transformers src/transformers/training_args.py and utils/quantization_config.py, huggingface/peft
 *   src/peft/tuners/lora/config.py, huggingface/trl trl/trainer/sft_config.py and model_config.py
 */
export function hyperparametersOf(recipe: Recipe): Readonly<Record<string, string>> {
  const { model, data, method, training, regularization, evaluation } = recipe;
  const named: Record<string, unknown> = {
    model_name_or_path: model.source,
    model_revision: model.revision,
    ...trainingNames(training),
    ...methodNames(method),
    ...(method.freeze.length > 0 ? { frozen: method.freeze } : {}),
    max_length: data.maxLength,
    packing: training.batching === "pack",
    group_by_length: training.batching === "length",
    completion_only_loss: data.loss === "completion",
    train_on: data.trainOn,
    reasoning: data.reasoning,
    train_file: data.train ?? data.mix,
    ...(data.validation === null
      ? { validation_split: data.split.validation }
      : { validation_file: data.validation }),
    ...(data.test === null ? { test_split: data.split.test } : { test_file: data.test }),
    data_seed: data.split.seed,
    max_new_tokens: evaluation.maxNewTokens,
    ...(regularization.method === "none"
      ? {}
      : { regularization_method: regularization.method, regularization_lambda: regularization.lambda }),
  };
  return Object.fromEntries(Object.entries(named).map(([key, value]) => [key, wordOf(value)]));
}

function trainingNames(training: TrainingSection): Record<string, unknown> {
  const { warmup, steps, evaluateEvery, checkpointEvery, schedule } = training;
  return {
    ...(training.loss === "nll" ? {} : { loss_type: training.loss }),
    learning_rate: training.learningRate,
    lr_scheduler_type: schedules[schedule].transformers[warmup > 0 ? 1 : 0],
    // below 1 it is a share of all steps, as in the recipe's warmup
    ...(warmup < 1 ? { warmup_ratio: warmup } : { warmup_steps: warmup }),
    ...(steps === null ? { num_train_epochs: training.epochs } : { max_steps: steps }),
    per_device_train_batch_size: training.batchSize,
    gradient_accumulation_steps: training.gradientAccumulationSteps,
    optim: training.optimizer,
    weight_decay: training.weightDecay,
    adam_beta1: training.beta1,
    adam_beta2: training.beta2,
    adam_epsilon: training.epsilon,
    max_grad_norm: training.maxGradNorm,
    seed: training.seed,
    ...(evaluateEvery === null ? { eval_strategy: "epoch" } : { eval_steps: evaluateEvery }),
    ...(checkpointEvery === null ? {} : { save_steps: checkpointEvery }),
    load_best_model_at_end: training.checkpointSelection !== "last",
  };
}

function methodNames({
  kind,
  rank,
  alpha,
  dropout,
  rslora,
  dora,
  rankPattern,
  alphaPattern,
  targets,
  doubleQuantization,
}: MethodSection): Record<string, unknown> {
  if (kind === "full") return { method: kind };
  const lora = {
    method: kind,
    peft_type: "LORA",
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    use_rslora: rslora,
    target_modules: targets,
    ...(dora ? { use_dora: true } : {}),
    ...(Object.keys(rankPattern).length > 0 ? { rank_pattern: rankPattern } : {}),
    ...(Object.keys(alphaPattern).length > 0 ? { alpha_pattern: alphaPattern } : {}),
  };
  if (kind === "lora") return lora;
  return {
    ...lora,
    load_in_4bit: true,
    bnb_4bit_quant_type: "nf4",
    bnb_4bit_use_double_quant: doubleQuantization,
  };
}

/** Formats a value as Python does, since clients parse it with Python. */
function wordOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
