/** @file Fills in defaults that depend on other keys. */
import { defaultAlpha, deriveTraining, type TrainingFacts } from "./derive.ts";
import type { OpenSetting, RecipeDraft } from "./draft.ts";
import type { MetricName } from "./metrics.ts";
import type {
  GuardsSection,
  MethodSection,
  Recipe,
  RegularizationSection,
  RetrievalSection,
  TaskSection,
} from "./recipe.ts";
import { defaultRegularization } from "./schema-regularization.ts";

/** Default metrics by kind of task; the first is the primary metric. */
const METRICS: Readonly<Record<TaskSection["kind"], readonly MetricName[]>> = {
  classify: ["accuracy", "macro_f1"],
  json: ["json_valid", "json_match"],
  tools: ["tool_calls"],
  text: ["rouge_l", "perplexity"],
  "language-modeling": ["perplexity", "bits_per_byte"],
};

/** Default max. tokens of an answer by kind of task; a label is a few words. */
const ANSWER_TOKENS: Readonly<Record<TaskSection["kind"], number>> = {
  classify: 32,
  json: 256,
  tools: 256,
  text: 256,
  "language-modeling": 256,
};

/**
 * Default alpha with `rslora`. Divided by the square root of the rank, it gives rank 16 the same scale as the default
 * alpha.
 */
const rsloraAlpha = 8;

/** Assumed if model and rows are unknown: a model with a billion parameters and a few thousand rows. */
const unknownFacts: TrainingFacts = { hiddenSize: 2048, family: "llama", trainRows: 2000 };

/**
 * Default strength of the regularization penalty by method, for losses that are means per token.
 *
 * @source measured: bench/keep/small-lm.mjs (all weights), bench/keep/lora.mjs (LoRA); see docs/benchmarks.md
 */
const ewcStrengths: Readonly<Record<MethodSection["kind"], number>> = { lora: 100, qlora: 100, full: 10 };
const l2Strengths: Readonly<Record<MethodSection["kind"], number>> = { lora: 0.03, qlora: 0.03, full: 0.03 };

/** Default share of the training rows for each split without a file. */
const HELD_OUT_SHARE = 0.1;

/** Completes a recipe with all defaults; `name` is used if the file has none. */
export function completeRecipe(draft: RecipeDraft, name: string): Recipe {
  const { data, task, method, training, evaluation } = draft;
  const completed: Recipe = {
    ...draft,
    name: draft.name ?? name,
    model:
      typeof draft.model === "string"
        ? {
            source: draft.model,
            revision: "main",
            architecture: null,
            chatTemplate: null,
            chatTemplateKwargs: null,
          }
        : draft.model,
    data: {
      ...data,
      format: task.kind === "language-modeling" ? "text" : data.format,
      split: {
        ...data.split,
        validation: data.split.validation ?? heldOut(data.validation),
        test: data.split.test ?? heldOut(data.test),
      },
    },
    task: { ...task, metrics: task.metrics ?? METRICS[task.kind] },
    method: { ...method, alpha: method.alpha ?? (method.rslora ? rsloraAlpha : defaultAlpha) },
    training: {
      ...training,
      // missing values are derived below
      epochs: training.epochs ?? 0,
      learningRate: training.learningRate ?? 0,
      checkpointSelection: training.checkpointSelection ?? (hasValidation(draft) ? "best" : "last"),
    },
    regularization: completeRegularization(draft.regularization, method.kind),
    guards: completeGuards(draft.guards),
    evaluation: {
      ...evaluation,
      maxNewTokens: evaluation.maxNewTokens ?? ANSWER_TOKENS[task.kind],
      decoding: evaluation.decoding ?? defaultDecoding(draft),
    },
    retrieval: completeRetrieval(draft.retrieval),
  };
  return deriveTraining(completed, openSettings(draft), unknownFacts).recipe;
}

/** Settings to be derived from the model and the rows. */
export function openSettings({ training }: RecipeDraft): readonly OpenSetting[] {
  return (["epochs", "learningRate"] as const).filter((key) => training[key] === null);
}

/** Labels use constrained decoding, unless a temperature requests sampling. */
function defaultDecoding({ task, evaluation }: RecipeDraft): "constrained" | "free" {
  return task.kind === "classify" && evaluation.temperature === 0 ? "constrained" : "free";
}

function completeRegularization(
  draft: RecipeDraft["regularization"],
  kind: MethodSection["kind"],
): RegularizationSection {
  const regularization = typeof draft === "string" ? { ...defaultRegularization, method: draft } : draft;
  return {
    ...regularization,
    lambda:
      regularization.lambda ?? (regularization.method === "l2-sp" ? l2Strengths[kind] : ewcStrengths[kind]),
    fisher:
      regularization.fisher === "auto" ? (kind === "full" ? "full" : "factored") : regularization.fisher,
  };
}

/**
 * Expands a single word to all guards. With `stop`, divergence rolls back first, and guards that are only hints warn.
 */
export function completeGuards(draft: RecipeDraft["guards"]): GuardsSection {
  if (typeof draft !== "string") {
    return { ...draft, futility: draft.futility ?? (draft.target === null ? "warn" : "stop") };
  }
  const hint = draft === "stop" ? "warn" : draft;
  return {
    noProgress: draft,
    overfitting: draft,
    futility: draft,
    target: null,
    divergence: draft === "stop" ? "roll-back" : draft,
    plateau: hint,
    leakageSuspected: hint,
    gradients: hint,
  };
}

/** An embedding model implies hybrid retrieval: on every collection measured, it beat both vectors and words alone. */
export function completeRetrieval(draft: RecipeDraft["retrieval"]): RetrievalSection {
  return { ...draft, method: draft.method ?? (draft.embedding === null ? "lexical" : "hybrid") };
}

/** Whether there will be validation rows. */
export function hasValidation(draft: RecipeDraft): boolean {
  return draft.data.validation !== null || draft.data.split.validation !== 0;
}

function heldOut(file: string | null): number {
  return file === null ? HELD_OUT_SHARE : 0;
}
