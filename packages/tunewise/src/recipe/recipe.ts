/** @file The parsed recipe `tunewise.yaml`: defaults filled in, snake_case keys converted to camelCase by `read.ts`. */
import type { LossName, OptimizerName, ScheduleName } from "@tunewise/core/run";
import type { DataSection } from "./data-section.ts";
import type { MetricName, TaskKind } from "./metrics.ts";
import type { ModelSection } from "./model-section.ts";
import type { ForgettingGate, SafetySection } from "./safety-section.ts";
import type { TrackingSection } from "./schema-tracking.ts";

/**
 * Everything that determines a run, except the content of the data and the model's weights.
 * @example
 * import { loadRecipe } from "tunewise/plan";
 * const { recipe } = await loadRecipe("tunewise.yaml");
 * console.log(recipe.method.kind, recipe.method.rank); // lora 4
 */
export interface Recipe {
  /** Short name of the experiment, kebab-case; default: the recipe's folder. */
  readonly name: string;
  readonly model: ModelSection;
  readonly data: DataSection;
  readonly checks: ChecksSection;
  readonly task: TaskSection;
  readonly method: MethodSection;
  readonly training: TrainingSection;
  readonly regularization: RegularizationSection;
  /** The file may also have one word for all guards. */
  readonly guards: GuardsSection;
  readonly evaluation: EvaluationSection;
  readonly forgetting: ForgettingSection;
  readonly safety: SafetySection;
  /** Baselines compared on the same rows; empty: the default ones. */
  readonly comparison: readonly ArmSection[];
  readonly retrieval: RetrievalSection;
  readonly decision: DecisionSection;
  readonly search: SearchSection;
  readonly budget: BudgetSection;
  readonly machine: MachineSection;
  readonly plan: PlanSection;
  readonly tracking: TrackingSection;
  /** Folder for run folders and the store, relative to the recipe; default `.tunewise`. */
  readonly output: string;
}

/** Checks of the rows before a run, and the severity of their findings. */
export interface ChecksSection {
  /** `exact`: duplicates, leaks and labels by exact match only. */
  readonly depth: "full" | "exact";
  /** Files of benchmark rows that must not occur in the training rows, relative to the recipe. */
  readonly benchmarks: readonly string[];
  /** Overrides of the severity by code: block the run, only warn, or hide. */
  readonly error: readonly string[];
  readonly warning: readonly string[];
  readonly ignore: readonly string[];
}

/** The task of the model. */
export interface TaskSection {
  /**
   * `classify`: completion is one of the labels · `json` · `tools`: calls of tools, or text where none is needed ·
   * `text` · `language-modeling`: documents without answers. Determines the default metrics and decoding.
   */
  readonly kind: TaskKind;
  /** Evaluated on the test rows; the first is the primary metric. */
  readonly metrics: readonly MetricName[];
  /** Allowed answers of `classify`; empty: those in the training rows. */
  readonly labels: readonly string[];
  /** `regex`: pattern that answers must match. */
  readonly pattern: string | null;
  /** `json_schema`: file with the JSON Schema of answers. */
  readonly schema: string | null;
  /** `sql_execution`: SQLite file on which statements run, read-only. */
  readonly database: string | null;
  /** `assertions`: file in promptfoo's format. */
  readonly assertions: string | null;
}

/** What is trained: all weights, or low-rank updates of frozen weights. */
export interface MethodSection {
  /** `lora`: adapter on unquantized weights · `qlora`: adapter on 4-bit weights · `full`: the weights themselves. */
  readonly kind: "lora" | "qlora" | "full";
  /** R */
  readonly rank: number;
  readonly alpha: number;
  /** Scale by alpha / sqrt(R) instead of alpha / R. */
  readonly rslora: boolean;
  /** DoRA; and ranks and alphas by module, whose keys are PEFT's patterns that match the end of a module's name. */
  readonly dora: boolean;
  readonly rankPattern: Readonly<Record<string, number>>;
  readonly alphaPattern: Readonly<Record<string, number>>;
  readonly dropout: number;
  /** `all-linear`, or projection names such as `q_proj`. */
  readonly targets: "all-linear" | readonly string[];
  /** `qlora`: also quantize the scales of the 4-bit blocks. */
  readonly doubleQuantization: boolean;
  /** `qlora`: calibrate the codes on the training rows (error compensation) instead of rounding to nearest. */
  readonly calibrate: boolean;
  /** `full`: frozen weights, by name or pattern with `*`. */
  readonly freeze: readonly string[];
}

/** Checkpoint selection: lowest validation loss · the last one · best trade-off between gain and forgetting. */
export type CheckpointSelection = "best" | "last" | "best-tradeoff";

/** Training settings. */
export interface TrainingSection {
  /** Passes over the training rows; ignored if `steps` is given. */
  readonly epochs: number;
  readonly steps: number | null;
  /** Rows per forward pass. */
  readonly batchSize: number;
  /** Forward passes per optimizer step. */
  readonly gradientAccumulationSteps: number;
  /** Training loss; validation and evaluation losses are always negative log-likelihoods. */
  readonly loss: LossName;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** Steps of linear warmup; below 1 a share of all steps. */
  readonly warmup: number;
  readonly optimizer: OptimizerName;
  /** Where the optimizer state is stored during training. */
  readonly optimizerState: "memory" | "disk";
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Max. global gradient norm; 0: no clipping. */
  readonly maxGradNorm: number;
  /** `shuffle`: in random order · `length`: grouped by length · `pack`: packed up to `max_length` tokens. */
  readonly batching: "shuffle" | "length" | "pack";
  readonly seed: number;
  /** Steps between evaluations on the validation rows; `null`: every epoch. */
  readonly evaluateEvery: number | null;
  /** Steps between checkpoints; `null`: with each evaluation. */
  readonly checkpointEvery: number | null;
  readonly checkpointSelection: CheckpointSelection;
  /** Precision of matrix products; `auto`: the faster one on this machine, or the one that the GPU supports. */
  readonly precision: "auto" | "bf16" | "fp32";
  /** Format of trained weights, gradients and moments in full fine-tuning; `auto`: the framework's default. */
  readonly masterDtype: "auto" | "float32" | "bfloat16";
  /** Gradient checkpointing: `none` keeps activations (fastest), `layer` recomputes each layer (least memory). */
  readonly gradientCheckpointing: "auto" | "none" | "layer";
}

/** Regularization against catastrophic forgetting. */
export interface RegularizationSection {
  /**
   * `ewc`: penalty by importance · `l2-sp`: uniform penalty · `replay`: old rows. The file may also have a plain word.
   */
  readonly method: "none" | "ewc" | "l2-sp" | "replay";
  /** `general`, a text file, or a file of rows. */
  readonly reference: string;
  readonly lambda: number;
  /** Sequences from which importance is estimated, and their max. length in tokens. */
  readonly examples: number;
  readonly length: number;
  readonly estimator: "empirical" | "sampled";
  /** Fisher information of each weight, or factored into rows and columns. */
  readonly fisher: "full" | "factored";
  /** Importance files of earlier tasks, oldest first, and the decay of their weight. */
  readonly earlier: readonly string[];
  readonly gamma: number;
  /** Share of old rows among the training rows. */
  readonly share: number;
}

/** Action of a guard. */
export type GuardAct = "off" | "warn" | "stop";

/** Action of each guard on the learning curves. */
export interface GuardsSection {
  /** `roll-back`: once to the last good checkpoint with a lower learning rate, then stop. */
  readonly divergence: GuardAct | "roll-back";
  readonly noProgress: GuardAct;
  readonly overfitting: GuardAct;
  readonly futility: GuardAct;
  readonly plateau: GuardAct;
  readonly leakageSuspected: GuardAct;
  readonly gradients: GuardAct;
  /** Validation loss to beat, in nats per token; `null`: the best run on the same rows. */
  readonly target: number | null;
}

/** Evaluation of the result. */
export interface EvaluationSection {
  /** Max. test rows; `null`: all. */
  readonly rows: number | null;
  readonly maxNewTokens: number;
  /** `constrained`: the likeliest label as the complete answer, for local models; `free`: unconstrained. */
  readonly decoding: "constrained" | "free";
  /** 0: greedy decoding. */
  readonly temperature: number;
  readonly topP: number;
  /** Rows per batch. */
  readonly batchSize: number;
  /** Evaluate the base model on the same rows. */
  readonly base: boolean;
  /** Training and held-out rows compared after a run to detect memorization; 0: none. */
  readonly memorization: number;
}

/** Measurement of forgetting: abilities before and after training. */
export interface ForgettingSection {
  readonly measure: boolean;
  /** `general`: the shipped data; else a file, relative to the recipe. */
  readonly text: string;
  /** As `text`, or `none`. */
  readonly tasks: string;
  readonly prompts: string;
  /** File of regression prompts and the expected answers; `null`: none. */
  readonly regressionPrompts: string | null;
  /** Max. rows of each, before and after; `null`: all. */
  readonly rows: {
    readonly text: number | null;
    readonly tasks: number | null;
    readonly prompts: number | null;
    readonly regressionPrompts: number | null;
  };
  /** Max. tokens of an answer to a regression prompt. */
  readonly maxNewTokens: number;
  /** Measure a small sample at each evaluation. */
  readonly everyCheckpoint: boolean;
  readonly curveRows: { readonly text: number; readonly tasks: number; readonly prompts: number };
  /** Limits as shares: 0.05 is 5 %, 0.02 is two points. */
  readonly maxPerplexityRise: number;
  readonly maxTaskDrop: number;
  /** Nats per token; `null`: shown, but no limit. */
  readonly maxKl: number | null;
  readonly gate: ForgettingGate;
}

/** Spending limits of a run. */
export interface BudgetSection {
  /** Caps of the entire run in dollars and minutes; `null`: none. Reaching either cap stops the run. */
  readonly usd: number | null;
  readonly minutes: number | null;
}

/** The machine and its price. */
export interface MachineSection {
  /** Price of this machine; 0 is allowed. */
  readonly usdPerHour: number;
  /** Source of the price, for the record. */
  readonly source: string;
  /** Threads of the runtime; `null`: one per core. */
  readonly threads: number | null;
  /** Where frozen weights are held: in memory, or streamed from disk layer by layer; `auto`: in memory if they fit. */
  readonly weights: "auto" | "memory" | "disk";
}

/** Assumptions of a plan beyond the training run itself; each affects the cost. */
export interface PlanSection {
  /** Training framework on rented machines. */
  readonly stack: string;
  /** Options of the framework. */
  readonly compile: boolean | null;
  readonly fusedLoss: boolean | null;
  readonly optimizer: OptimizerName | null;
  /** Sharding over several GPUs; `auto`: replicated if the states fit, else sharded. */
  readonly sharding: "auto" | "none" | "zero-1" | "zero-2" | "zero-3" | "fsdp";
  readonly offload: "none" | "optimizer" | "all";
  /** Devices, providers and regions to consider; empty: all. */
  readonly gpus: readonly string[];
  readonly providers: readonly string[];
  readonly regions: readonly string[];
  /** Whether to consider spot machines. */
  readonly spot: boolean;
  /** The user's price file, relative to the recipe; `null`: `prices.yaml` next to it, if it exists. */
  readonly prices: string | null;
  /** Max. hours of a run for its placement to be recommended. */
  readonly deadlineHours: number;
  /** Cost of an hour of waiting for the result, in dollars (Reinertsen's "cost of delay"). */
  readonly costOfDelayUsdPerHour: number;
  /** Measured tokens per second of one GPU for this recipe; replaces the estimate. */
  readonly tokensPerSecond: number | null;
  /** Runs of the final settings with different seeds. */
  readonly seeds: number;
  /** Trials of a preceding search, and the share of each that runs before it is stopped. */
  readonly trials: number;
  readonly trialShare: number;
  /** Share of runs that fail and are restarted. */
  readonly failureRate: number;
  /** Steps of a smoke test. */
  readonly smokeSteps: number;
  readonly retrainsPerYear: number;
  /** Cost of collecting and labelling data, in dollars. */
  readonly dataUsd: number;
  /** Months of storage for checkpoints and results. */
  readonly storageMonths: number;
  readonly storageUsdPerGbMonth: number;
  /** Months of serving the result, and the price of the serving machine. */
  readonly hostingMonths: number;
  readonly hostingUsdPerHour: number;
  /** Whether to try prompting and larger models first. */
  readonly baselines: boolean;
  /** Expected gain as a share of correct answers: 0.05 is five points; `null`: unknown. */
  readonly gain: number | null;
  /** Number of simulated outcomes, and their random seed. */
  readonly outcomes: number;
  readonly seed: number;
}

/** A baseline, or several that differ in the number of examples or passages. */
export interface ArmSection {
  /** Name of the baseline; `null`: derived from its settings. */
  readonly name: string | null;
  readonly model: "base" | "tuned" | "api" | "local" | "neighbours";
  /** `.gguf` file of a local model, relative to the recipe; `null` for others. */
  readonly file: string | null;
  /** Run of a tuned model; `null`: the latest completed one of this recipe. */
  readonly run: string | null;
  readonly endpoint: EndpointSection | null;
  /** System message; `null`: default of the kind of task. */
  readonly instructions: string | null;
  /** Few-shot examples from the training rows; of several numbers, the best on the validation rows is used. */
  readonly examples: number | readonly number[];
  readonly choose: "nearest" | "fixed";
  readonly passages: number | readonly number[];
  /** Use the passages that contain the reference answer, as if retrieval were perfect. */
  readonly oracle: boolean;
}

/** A model behind an API. */
export interface EndpointSection {
  readonly url: string;
  readonly model: string;
  /** Environment variable of the API key; `null`: none is sent. */
  readonly key: string | null;
  readonly style: "openai" | "azure" | "anthropic";
  /** Dollars per million tokens; `null`: from the price list. */
  readonly usdPerMillion: { readonly input: number; readonly output: number } | null;
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  readonly tries: number;
}

/** An embedding model: either `model` or `endpoint`. */
export interface EmbeddingSection {
  /** Folder of the model, relative to the recipe. */
  readonly model: string | null;
  readonly endpoint: EndpointSection | null;
  /** `null`: as in the model's folder. */
  readonly queryPrefix: string | null;
  readonly passagePrefix: string | null;
}

/** Retrieval of passages. */
export interface RetrievalSection {
  readonly documents: readonly string[];
  readonly method: "lexical" | "feedback" | "dense" | "hybrid";
  /** Embedding model; `null`: hidden states of the recipe's model. */
  readonly embedding: EmbeddingSection | null;
  /** Reranker of the top passages; `null`: none. */
  readonly rerank: { readonly model: string; readonly passages: number } | null;
  /** Passage length and overlap in words. */
  readonly words: number;
  readonly overlap: number;
}

/** An LLM judge that compares every baseline's answers with the references. */
export interface JudgeSection {
  readonly endpoint: EndpointSection;
  /** Criteria in a sentence; `null`: the judge's default criteria. */
  readonly criteria: string | null;
  /** Whether the decision uses its verdicts instead of the primary metric. */
  readonly decides: boolean;
}

/** Inputs of the decision between the baselines and the tuned model. */
export interface DecisionSection {
  /** A number, or low and high; `null`: unknown. */
  readonly answersPerMonth: number | readonly number[] | null;
  readonly months: number;
  /** Sufficient quality in the primary metric; `null`: none. */
  readonly target: number | null;
  readonly usdPerRightAnswer: number | null;
  /** Acceptable loss of quality of a cheaper alternative. */
  readonly margin: number;
  readonly factsChange: boolean;
  readonly mustCite: boolean;
  readonly tuningRounds: number;
  /** Validation rows used to choose the number of examples and passages. */
  readonly judgeRows: number;
  /** Shares of the training rows for additional runs, to estimate the benefit of more rows. */
  readonly learningCurve: readonly number[];
  /** Known weaknesses of prompted answers. */
  readonly failing: readonly ("form" | "tone" | "latency" | "labels" | "facts")[];
  /** `null`: no LLM judge. */
  readonly judge: JudgeSection | null;
  /** Max. 95th percentile of the latency in seconds; `null`: any. */
  readonly latencySeconds: number | null;
}

/** An inclusive range. If `scale` is `null`, it is logarithmic for ratios of ten or more. */
export interface SearchedRange {
  readonly from: number;
  readonly to: number;
  readonly scale: "log" | "linear" | null;
}

/** Values to try for a key: a range or a list. */
export type SearchedKey = SearchedRange | readonly (number | boolean | string | readonly string[])[];

/** A hyperparameter search under a budget. */
export interface SearchSection {
  /** Keys by their path in camelCase, such as `training.learningRate`; empty: the learning rate. */
  readonly space: Readonly<Record<string, SearchedKey>>;
  /** Total of trials and final runs; `null`: no cap. */
  readonly budget: BudgetSection;
  /** `null`: as many as the budget allows. */
  readonly trials: number | null;
  /** Steps of a learning rate range test before the first trial; `null`: none. */
  readonly rangeTest: number | null;
  /** Concurrent trials; final runs are not concurrent. */
  readonly parallel: number;
  /** Resource that lower rungs reduce: steps of the same training, or rows of a separate training. */
  readonly fidelity: "steps" | "rows";
  /** Share of the steps or rows of the lowest rung. */
  readonly shortest: number;
  readonly factor: number;
  readonly promotion: "asha" | "pasha" | "none";
  readonly proposer: "gaussian-process" | "tpe" | "halton" | "random";
  readonly seed: number;
  /** Whether to train the best settings and the recipe's own to the end and evaluate both. */
  readonly final: boolean;
}
