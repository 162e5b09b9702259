/**
 * @file Defaults that depend on other keys: what a practitioner would choose for this task.
 */
import { deriveTraining, type TrainingFacts, usualAlpha } from "./derive.ts";
import type { OpenSetting, RecipeDraft } from "./draft.ts";
import type { GuardsSection, KeepSection, MethodSection, MetricName, Recipe, TaskSection } from "./recipe.ts";
import { usualKeep } from "./schema-keep.ts";

/** Metrics by kind of task; the first is the headline. */
const METRICS: Readonly<Record<TaskSection["kind"], readonly MetricName[]>> = {
  classify: ["accuracy", "macro_f1"],
  json: ["json_valid", "json_match"],
  text: ["rouge_l", "perplexity"],
};

/** Longest answer by kind of task, in tokens: a label is a few words. */
const ANSWER_TOKENS: Readonly<Record<TaskSection["kind"], number>> = { classify: 32, json: 256, text: 256 };

/** PEFT's own default: by the square root of the rank, rank 16 gets the scale that it has with the usual alpha. */
const rsloraAlpha = 8;

/** Where neither model nor rows are known yet: a model of a billion weights and some thousand rows. */
const unknownFacts: TrainingFacts = { hiddenSize: 2048, family: "llama", trainRows: 2000 };

/**
 * Strengths of a pull by method, for losses that are means per token.
 *
 * @source measured: bench/keep/small-lm.mjs (all weights), bench/keep/lora.mjs (LoRA); see docs/benchmarks.md
 */
const ewcStrengths: Readonly<Record<MethodSection["kind"], number>> = { lora: 100, qlora: 100, full: 10 };
const l2Strengths: Readonly<Record<MethodSection["kind"], number>> = { lora: 0.03, qlora: 0.03, full: 0.03 };

/** Share of the training rows set aside for each part that has no file. */
const HELD_OUT_SHARE = 0.1;

/** The recipe with every choice made; `name` is used where the file gives none. */
export function completeRecipe(draft: RecipeDraft, name: string): Recipe {
  const { data, task, method, training, evaluation } = draft;
  const completed: Recipe = {
    ...draft,
    name: draft.name ?? name,
    model:
      typeof draft.model === "string"
        ? { source: draft.model, revision: "main", architecture: null }
        : draft.model,
    data: {
      ...data,
      split: {
        ...data.split,
        validation: data.split.validation ?? heldOut(data.validation),
        test: data.split.test ?? heldOut(data.test),
      },
    },
    task: { ...task, metrics: task.metrics ?? METRICS[task.kind] },
    method: { ...method, alpha: method.alpha ?? (method.rslora ? rsloraAlpha : usualAlpha) },
    training: {
      ...training,
      // what is left out is derived below
      epochs: training.epochs ?? 0,
      learningRate: training.learningRate ?? 0,
      keep: training.keep ?? (hasValidation(draft) ? "best" : "last"),
    },
    keep: completeKeep(draft.keep, method.kind),
    guards: completeGuards(draft.guards),
    evaluation: {
      ...evaluation,
      maxNewTokens: evaluation.maxNewTokens ?? ANSWER_TOKENS[task.kind],
      decoding: evaluation.decoding ?? usualDecoding(draft),
    },
  };
  return deriveTraining(completed, openSettings(draft), unknownFacts).recipe;
}

/** The settings that the file leaves to the model and the rows. */
export function openSettings({ training }: RecipeDraft): readonly OpenSetting[] {
  return (["epochs", "learningRate"] as const).filter((key) => training[key] === null);
}

/** Labels are chosen from their set; who wants samples asks for them by a temperature. */
function usualDecoding({ task, evaluation }: RecipeDraft): "constrained" | "free" {
  return task.kind === "classify" && evaluation.temperature === 0 ? "constrained" : "free";
}

function completeKeep(draft: RecipeDraft["keep"], kind: MethodSection["kind"]): KeepSection {
  const keep = typeof draft === "string" ? { ...usualKeep, method: draft } : draft;
  return {
    ...keep,
    lambda: keep.lambda ?? (keep.method === "l2-sp" ? l2Strengths[kind] : ewcStrengths[kind]),
    fisher: keep.fisher === "auto" ? (kind === "full" ? "full" : "factored") : keep.fisher,
  };
}

/** One word is for all; of `stop`, divergence rolls back first, and what is a hint at most warns. */
export function completeGuards(draft: RecipeDraft["guards"]): GuardsSection {
  if (typeof draft !== "string") {
    return { ...draft, doomed: draft.doomed ?? (draft.target === null ? "warn" : "stop") };
  }
  const hint = draft === "stop" ? "warn" : draft;
  return {
    ...{ learning: draft, overfitting: draft, doomed: draft, target: null },
    divergence: draft === "stop" ? "roll-back" : draft,
    ...{ plateau: hint, tooGood: hint, gradients: hint },
  };
}

/** Whether any rows will be there to watch the loss on. */
export function hasValidation(draft: RecipeDraft): boolean {
  return draft.data.validation !== null || draft.data.split.validation !== 0;
}

function heldOut(file: string | null): number {
  return file === null ? HELD_OUT_SHARE : 0;
}
