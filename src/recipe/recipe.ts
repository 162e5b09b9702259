/**
 * @file The recipe `tunewise.yaml` after reading: every default filled in, names in camelCase.
 *
 * The file itself is snake_case; `read.ts` is the one door between the two.
 */

import type { TrackingSection } from "./schema-tracking.ts";

/** Everything a run is determined by, apart from the data's content and the model's weights. */
export interface Recipe {
  /** Short name of the experiment, kebab-case; default: the recipe's folder. */
  readonly name: string;
  readonly model: ModelSection;
  readonly data: DataSection;
  readonly checks: ChecksSection;
  readonly task: TaskSection;
  readonly method: MethodSection;
  readonly training: TrainingSection;
  readonly keep: KeepSection;
  /** In the file also as a word for all of them. */
  readonly guards: GuardsSection;
  readonly evaluation: EvaluationSection;
  readonly forgetting: ForgettingSection;
  readonly safety: SafetySection;
  /** Ways of answering tried on the same rows; empty: the usual ones. */
  readonly arms: readonly ArmSection[];
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

/** Which model to start from. */
export interface ModelSection {
  /** Hub id, local folder or `.gguf` file. In the file also written as a plain string: `model: ID`. */
  readonly source: string;
  /** Hub revision; default `main`. */
  readonly revision: string;
  /** Keys of a `config.json`, for planning where no such file can be had; `null`: the model's own. */
  readonly architecture: Readonly<Record<string, string | number | boolean>> | null;
}

/** Shape of a row. */
export type DataFormat = "auto" | "chat" | "prompt-completion" | "instruction" | "table";

/** Rows to learn from and to judge with. */
export interface DataSection {
  /** `.jsonl`, `.json`, `.csv`, `.tsv` or `.parquet` file relative to the recipe, or a data set `hub:owner/name`. */
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
  /** Shares of `train` taken as validation and test where no file is given; 0 means none. */
  readonly split: {
    readonly validation: number;
    readonly test: number;
    readonly seed: number;
    /** What stays on one side of a split: a row, the rows of a group, rows that nearly repeat each other. */
    readonly by: "rows" | "group" | "similarity";
  };
  readonly format: DataFormat;
  /** For `table`: the columns of prompt and completion. */
  readonly columns: { readonly prompt: string; readonly completion: string } | null;
  /** Column whose equal values belong together; `null`: none. */
  readonly group: string | null;
  /** Column with the time of a row; `null`: none. */
  readonly time: string | null;
  /** System message put before every row that has none; `null` leaves it to the model's template. */
  readonly system: string | null;
  /** Text around the prompt; `{prompt}` and any `{column}` are replaced. */
  readonly promptTemplate: string;
  /** At most this many tokens of a row are kept. */
  readonly maxLength: number;
  /** What happens to a longer row. */
  readonly overflow: "truncate" | "drop" | "error";
  /** Which tokens carry the loss. */
  readonly loss: "completion" | "all";
  /** Take at most so many rows, the first ones after a seeded shuffle (`split.seed`); `null` takes all. */
  readonly rows: {
    readonly train: number | null;
    readonly validation: number | null;
    readonly test: number | null;
  };
  /** `error` refuses to run while unusable rows exist; `skip` leaves them out and says so. */
  readonly badRows: "error" | "skip";
}

/** What is looked for in the rows before a run, and how grave it is. */
export interface ChecksSection {
  /** `exact`: repeats, leaks and labels by exact match alone. */
  readonly depth: "full" | "exact";
  /** Files of rows that training must not hold, relative to the recipe. */
  readonly benchmarks: readonly string[];
  /** Codes that stop a run, only warn, or are not shown, whatever they are otherwise. */
  readonly error: readonly string[];
  readonly warning: readonly string[];
  readonly ignore: readonly string[];
}

/** A metric of `evaluate`. */
export type MetricName =
  | "perplexity"
  | "exact_match"
  | "accuracy"
  | "macro_f1"
  | "json_valid"
  | "json_match"
  | "rouge_l"
  | "contains"
  | "regex"
  | "json_schema"
  | "sql_match"
  | "sql_execution"
  | "assertions";

/** What the model shall do. */
export interface TaskSection {
  /** `classify`: completion is one of the labels · `json` · `text`. Decides defaults of metric and decoding. */
  readonly kind: "classify" | "json" | "text";
  /** Judged on the test rows; the first is the headline. */
  readonly metrics: readonly MetricName[];
  /** Allowed answers of `classify`; empty: those that occur in the training rows. */
  readonly labels: readonly string[];
  /** `regex`: what answers must match. */
  readonly pattern: string | null;
  /** `json_schema`: a file with the JSON Schema that answers must fit. */
  readonly schema: string | null;
  /** `sql_execution`: the SQLite file that statements are run on, read only. */
  readonly database: string | null;
  /** `assertions`: a file in promptfoo's format. */
  readonly assertions: string | null;
}

/** What is trained: everything, or low-rank updates beside frozen weights. */
export interface MethodSection {
  /** `lora`: beside weights as they are · `qlora`: beside weights in 4 bits · `full`: the weights themselves. */
  readonly kind: "lora" | "qlora" | "full";
  /** R */
  readonly rank: number;
  readonly alpha: number;
  /** Scale by alpha / sqrt(R) instead of alpha / R. */
  readonly rslora: boolean;
  readonly dropout: number;
  /** `all-linear`, or projection names such as `q_proj`. */
  readonly targets: "all-linear" | readonly string[];
  /** `qlora`: the scales of the 4-bit blocks are quantized themselves. */
  readonly doubleQuantization: boolean;
  /** `qlora`: codes that make up for each other's errors on the training rows, in place of the nearest. */
  readonly calibrate: boolean;
  /** `full`: weights that stay as they are, by name or pattern with `*`. */
  readonly freeze: readonly string[];
}

/** What the result is asked to see whether it became less safe. */
export interface SafetySection {
  /** `auto`: where training answers hold code. */
  readonly code: "auto" | "on" | "off";
  /** `general` or a file. */
  readonly codePrompts: string;
  /** `auto`: for free text through a chat template. */
  readonly refusals: "auto" | "on" | "off";
  readonly refusalPrompts: string;
  /** `null`: all. */
  readonly rows: { readonly code: number | null; readonly refusals: number | null };
  readonly maxNewTokens: number;
  /** Share of answers that may become unsafe more than before. */
  readonly maxRise: number;
  readonly gate: ForgettingGate;
}

/** Lowest validation loss · the last one · the most gain for the least forgetting. */
export type KeepRule = "best" | "last" | "best-tradeoff";

/** How it is trained. */
export interface TrainingSection {
  /** Passes over the training rows; ignored where `steps` is given. */
  readonly epochs: number;
  readonly steps: number | null;
  /** Rows per forward pass. */
  readonly batchSize: number;
  /** Forward passes per optimizer step. */
  readonly accumulation: number;
  readonly learningRate: number;
  readonly schedule: "constant" | "linear" | "cosine";
  /** Steps of linear warm-up; below 1 a share of all steps. */
  readonly warmup: number;
  readonly optimizer: "adamw" | "sgd";
  /** Where the optimizer's moments lie while training lasts. */
  readonly optimizerState: "memory" | "disk";
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Global gradient norm is cut to this; 0 switches it off. */
  readonly clipNorm: number;
  /** `shuffle`: as they come · `length`: rows of like length together · `pack`: joined up to `max_length` tokens. */
  readonly batching: "shuffle" | "length" | "pack";
  readonly seed: number;
  /** Steps between evaluations on the validation rows; `null`: once per epoch. */
  readonly evaluateEvery: number | null;
  /** Steps between checkpoints; `null`: with each evaluation. */
  readonly checkpointEvery: number | null;
  /** Which checkpoint becomes the result. */
  readonly keep: KeepRule;
  /** `none` keeps activations (fastest), `layer` recomputes each layer (least memory), `auto` decides by length. */
  readonly recompute: "auto" | "none" | "layer";
}

/** What holds old skills while new ones are learned. */
export interface KeepSection {
  /** `ewc`: by importance · `l2-sp`: all weights alike · `replay`: old rows mixed in. In the file also as a word. */
  readonly method: "none" | "ewc" | "l2-sp" | "replay";
  /** `general`, a text, or a file of rows. */
  readonly reference: string;
  /** Strength of the pull. */
  readonly lambda: number;
  /** Sequences that importance is taken from, and their longest length in tokens. */
  readonly examples: number;
  readonly length: number;
  readonly estimator: "empirical" | "sampled";
  /** Importance of each weight, or of rows and columns. */
  readonly fisher: "full" | "factored";
  /** Importance files of earlier tasks, oldest first, and how much of the past counts on. */
  readonly earlier: readonly string[];
  readonly gamma: number;
  /** Share of the training rows that are old ones. */
  readonly share: number;
}

/** What a guard may do. */
export type GuardAct = "off" | "warn" | "stop";

/** What each guard of a run's curves may do. */
export interface GuardsSection {
  /** `roll-back`: to the last good checkpoint with a lower rate once, then a stop. */
  readonly divergence: GuardAct | "roll-back";
  readonly learning: GuardAct;
  readonly overfitting: GuardAct;
  readonly doomed: GuardAct;
  readonly plateau: GuardAct;
  readonly tooGood: GuardAct;
  readonly gradients: GuardAct;
  /** Validation loss to beat, in nats per token; `null`: that of the best run on the same rows. */
  readonly target: number | null;
}

/** How the result is judged. */
export interface EvaluationSection {
  /** Judge at most so many test rows; `null`: all. */
  readonly rows: number | null;
  readonly maxNewTokens: number;
  /** `constrained`: the likeliest of the labels as a whole answer, by models on this machine; `free`: whatever comes. */
  readonly decoding: "constrained" | "free";
  /** 0 decodes greedily. */
  readonly temperature: number;
  readonly topP: number;
  /** Rows decoded together. */
  readonly batchSize: number;
  /** Judge the base model on the same rows. */
  readonly base: boolean;
  /** Training and held-out rows compared after a run; 0: none. */
  readonly byHeart: number;
}

/** What a run that forgets leads to. */
export type ForgettingGate = "off" | "warn" | "fail" | "strict";

/** What the model could do before, asked again after. */
export interface ForgettingSection {
  readonly measure: boolean;
  /** `general`: what the project ships; else a file, relative to the recipe. */
  readonly text: string;
  /** Also `none`. */
  readonly tasks: string;
  readonly prompts: string;
  /** Prompts of the user's with what must stand in the answer; `null`: none. */
  readonly mustStillWork: string | null;
  /** Most rows of each that are used before and after; `null`: all. */
  readonly rows: {
    readonly text: number | null;
    readonly tasks: number | null;
    readonly prompts: number | null;
    readonly mustStillWork: number | null;
  };
  /** Longest answer to a prompt that must still work. */
  readonly maxNewTokens: number;
  /** A small sample at each look at the validation loss. */
  readonly everyCheckpoint: boolean;
  readonly curveRows: { readonly text: number; readonly tasks: number; readonly prompts: number };
  /** Shares: 0.05 is 5 %, 0.02 is two points. */
  readonly maxPerplexityRise: number;
  readonly maxTaskDrop: number;
  /** Nats per token; `null`: shown, not judged. */
  readonly maxKl: number | null;
  readonly gate: ForgettingGate;
}

/** When the run must stop. */
export interface BudgetSection {
  /** Cap in dollars and in minutes of the whole run; `null`: none. The first one reached stops the run. */
  readonly usd: number | null;
  readonly minutes: number | null;
}

/** The machine that trains, and its price. */
export interface MachineSection {
  /** Price of this machine; 0 is allowed and shown as such. */
  readonly usdPerHour: number;
  /** Where the price comes from, for the record. */
  readonly source: string;
  /** Threads of the runtime; `null`: one per core. */
  readonly threads: number | null;
  /** Where frozen weights lie: in memory, or read from disk layer by layer; `auto`: in memory where they fit. */
  readonly weights: "auto" | "memory" | "disk";
}

/** What a plan assumes about everything around one training run; each has an effect on the money. */
export interface PlanSection {
  /** Training program on rented machines. */
  readonly stack: string;
  /** Its switches. */
  readonly compile: boolean | null;
  readonly fusedLoss: boolean | null;
  readonly optimizer: "adamw" | "adamw-8bit" | "paged-adamw-8bit" | null;
  /** How states are spread over several GPUs; `auto`: replicated if they fit, else sharded. */
  readonly sharding: "auto" | "none" | "zero-1" | "zero-2" | "zero-3" | "fsdp";
  readonly offload: "none" | "optimizer" | "all";
  /** Devices, providers and regions to look at; empty: all. */
  readonly gpus: readonly string[];
  readonly providers: readonly string[];
  readonly regions: readonly string[];
  /** Whether machines that may be taken away are looked at. */
  readonly spot: boolean;
  /** The user's price file, relative to the recipe; `null`: `prices.yaml` beside it, if there is one. */
  readonly prices: string | null;
  /** Hours after which a run is too long for its place to be recommended. */
  readonly deadlineHours: number;
  /** What an hour of waiting for the result is worth, in dollars (Reinertsen's "cost of delay"). */
  readonly costOfDelayUsdPerHour: number;
  /** Tokens per second of one GPU that somebody measured for this recipe; takes the place of the estimate. */
  readonly tokensPerSecond: number | null;
  /** Runs with different seeds of the final setting. */
  readonly seeds: number;
  /** Runs of a search before it, and the share of each that runs before it is stopped. */
  readonly trials: number;
  readonly trialShare: number;
  /** Share of runs that break and are started again. */
  readonly failureRate: number;
  /** Steps of a short first run. */
  readonly smokeSteps: number;
  readonly retrainsPerYear: number;
  /** Collecting and labeling, in dollars. */
  readonly dataUsd: number;
  /** Months that checkpoints and results are stored. */
  readonly storageMonths: number;
  readonly storageUsdPerGbMonth: number;
  /** Months the result is served, and the price of the machine that serves. */
  readonly hostingMonths: number;
  readonly hostingUsdPerHour: number;
  /** Whether prompting and larger models are tried first. */
  readonly baselines: boolean;
  /** Gain that is hoped for, a share of right answers: 0.05 is five points; `null`: not said. */
  readonly gain: number | null;
  /** Simulated outcomes, and where their chance starts. */
  readonly outcomes: number;
  readonly seed: number;
}

/** One way of answering, or several that differ in how much they show. */
export interface ArmSection {
  /** `null`: named by what it does. */
  readonly name: string | null;
  readonly who: "base" | "tuned" | "api" | "local" | "neighbours";
  /** `.gguf` file of a local one, relative to the recipe; `null` for others. */
  readonly model: string | null;
  /** Run of a tuned model; `null`: the newest completed one of this recipe. */
  readonly run: string | null;
  readonly endpoint: EndpointSection | null;
  /** System message; `null`: by kind of task. */
  readonly instructions: string | null;
  /** Solved training rows before a question; several: the best on the validation rows is taken. */
  readonly examples: number | readonly number[];
  readonly choose: "nearest" | "fixed";
  readonly passages: number | readonly number[];
  /** Passages that hold the reference answer, as if retrieval never failed. */
  readonly oracle: boolean;
}

/** A model behind an API. */
export interface EndpointSection {
  readonly url: string;
  readonly model: string;
  /** Environment variable with the key; `null`: none is sent. */
  readonly key: string | null;
  readonly style: "openai" | "azure" | "anthropic";
  /** Dollars for a million tokens; `null`: of the price list. */
  readonly usdPerMillion: { readonly input: number; readonly output: number } | null;
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  readonly tries: number;
}

/** A model made for vectors of texts: one of `model` and `endpoint`. */
export interface EmbeddingSection {
  /** Folder, relative to the recipe. */
  readonly model: string | null;
  readonly endpoint: EndpointSection | null;
  /** `null`: what the model's folder says. */
  readonly queryPrefix: string | null;
  readonly passagePrefix: string | null;
}

/** What passages are looked up in. */
export interface RetrievalSection {
  readonly documents: readonly string[];
  readonly method: "lexical" | "feedback" | "dense" | "hybrid";
  /** What makes vectors; `null`: hidden states of the recipe's model. */
  readonly embedding: EmbeddingSection | null;
  /** What puts the first passages in order anew; `null`: nothing. */
  readonly rerank: { readonly model: string; readonly passages: number } | null;
  /** Words. */
  readonly words: number;
  readonly overlap: number;
}

/** A model that compares every arm's answers with the references. */
export interface JudgeSection {
  readonly endpoint: EndpointSection;
  /** What makes an answer better, in a sentence; `null`: `usualCriteria` of the judge. */
  readonly criteria: string | null;
  /** Whether the decision rests on its verdicts in place of the headline metric. */
  readonly decides: boolean;
}

/** What the decision between arms rests on. */
export interface DecisionSection {
  /** One number or low and high; `null`: unknown. */
  readonly answersPerMonth: number | readonly number[] | null;
  readonly months: number;
  /** Quality that is enough, in the headline metric; `null`: none named. */
  readonly target: number | null;
  readonly usdPerRightAnswer: number | null;
  /** Loss of quality that a cheaper way may have. */
  readonly margin: number;
  readonly factsChange: boolean;
  readonly mustCite: boolean;
  readonly tuningRounds: number;
  /** Validation rows that examples and passages are chosen on. */
  readonly judgeRows: number;
  /** Shares of the training rows that are trained on as well, to see what more rows would bring. */
  readonly learningCurve: readonly number[];
  /** What is wrong with prompted answers, where that is known. */
  readonly failing: readonly ("form" | "tone" | "latency" | "labels" | "facts")[];
  /** `null`: no model judges. */
  readonly judge: JudgeSection | null;
  /** Seconds that 19 of 20 answers may take; `null`: any. */
  readonly latencySeconds: number | null;
}

/** Two ends, both included; `scale` `null`: logarithmic from a factor of ten on. */
export interface SearchedRange {
  readonly from: number;
  readonly to: number;
  readonly scale: "log" | "linear" | null;
}

/** What to try of a key: all between two ends, or some values. */
export type SearchedKey = SearchedRange | readonly (number | boolean | string | readonly string[])[];

/** A search for settings under a budget. */
export interface SearchSection {
  /** By the key's path in camelCase, `training.learningRate`; empty: the learning rate. */
  readonly space: Readonly<Record<string, SearchedKey>>;
  /** For trials and final runs together; `null`: no such cap. */
  readonly budget: BudgetSection;
  /** `null`: as many as the budget buys. */
  readonly trials: number | null;
  /** Steps of a run with a rising learning rate before the first trial; `null`: none is made. */
  readonly rangeTest: number | null;
  /** Trials that share the machine; final runs have it alone. */
  readonly parallel: number;
  /** What a lower rung has less of: steps of the same training, or rows of a training of its own. */
  readonly fidelity: "steps" | "rows";
  /** Share of its steps, or of the rows, after which a trial is compared first. */
  readonly shortest: number;
  readonly factor: number;
  readonly promotion: "asha" | "pasha" | "none";
  readonly proposer: "gaussian-process" | "tpe" | "halton" | "random";
  readonly seed: number;
  /** Whether the best settings and the recipe's own are trained to the end and judged. */
  readonly final: boolean;
}
