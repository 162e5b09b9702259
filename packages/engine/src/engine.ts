/** @file The engine's public interfaces: models, adapters, trainers, evaluation and generation. */
import type { EncodedRow } from "@tunewise/core/rows";
import type { EngineOptimizer, LossName, ScheduleName } from "@tunewise/core/run";
import type { TokenConstraint } from "./constrain/constraint.ts";
import type { Choice } from "./generate/choice-search.ts";
import type { Likelihood } from "./generate/likelihood.ts";
import type { Fisher } from "./penalties/fisher.ts";
import type { FisherOptions, PenaltySettings } from "./penalties/settings.ts";
import type { AdapterSettings, AdapterTensor, WeightFiles } from "./weights/index.ts";

/** Training settings that the engine needs; they include neither costs nor data files. */
export interface TrainPlan {
  readonly epochs: number;
  /** Overrides `epochs`. */
  readonly steps: number | null;
  readonly batchSize: number;
  readonly gradientAccumulationSteps: number;
  /** `ordered`: in the given order, every epoch. */
  readonly batching: "ordered" | "shuffle" | "length" | "pack";
  /** Maximum tokens per row; also the size of a pack. */
  readonly maxLength: number;
  readonly loss: LossName;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly warmup: number;
  readonly optimizer: EngineOptimizer;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly maxGradNorm: number;
  readonly seed: number;
  readonly recompute: "auto" | "none" | "layer";
  /** File for the optimizer's moments during training; `null` keeps them in memory. */
  readonly momentsPath: string | null;
  /** Penalty on the distance from the base; `null` for none. */
  readonly penalty: PenaltySettings | null;
}

/** Result of one optimizer step. */
export interface StepOutcome {
  /** Counts from 1. */
  readonly step: number;
  /** Mean training loss (`TrainPlan.loss`) per labelled token, without the penalty. */
  readonly loss: number;
  /** 0 if training has no penalty. */
  readonly penalty: number;
  readonly learningRate: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  /** Global L2 norm of the update, divided by the norm of the trained values before it. */
  readonly updateRatio: number;
  readonly tokens: number;
  readonly labelledTokens: number;
}

/** A training in progress. */
export interface Trainer {
  readonly steps: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Multiplies the schedule's learning rate; saved and restored with the checkpoint. */
  rateScale: number;
  /** Runs one optimizer step; throws `ENGINE_LOSS_NOT_FINITE` and leaves adapter and moments unchanged. */
  next(): Promise<StepOutcome>;
  /**
   * Writes a checkpoint from which training resumes bit-exactly: trained values, moments, step. The order of the data
   * follows from the seed.
   *
   * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`
   */
  save(path: string): Promise<void>;
  /** @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` if the checkpoint belongs to another training */
  restore(path: string): Promise<void>;
  /** Returns to step 0 with the values of an untrained adapter of the same kind. */
  restart(start: Adapter): Promise<void>;
  /** Frees memory that only training needs, before the model is used for something else. */
  release(): Promise<void>;
}

/** Negative log-likelihood over rows as sums, so that partial results can be added. */
export interface LossSum {
  /** Sum of negative log likelihoods over labelled tokens, in nats. */
  readonly nll: number;
  readonly labelledTokens: number;
}

/** Options of a loss evaluation. */
export interface LossOptions {
  readonly onRows?: (done: number) => void;
  /** Checked between batches. */
  readonly signal?: AbortSignal;
}

/** Options of a text embedding. */
export interface MeanHiddenOptions {
  /** Receives the number of texts embedded so far. */
  readonly onTexts?: (done: number) => void;
  /** Checked between passes. */
  readonly signal?: AbortSignal;
}

/** Decoding options. */
export interface DecodeOptions {
  readonly maxNewTokens: number;
  /** 0 decodes greedily. */
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly endIds: readonly number[];
  /** Constraint on answers; unconstrained if omitted. */
  readonly constraint?: TokenConstraint;
  /**
   * Constraint of one prompt in place of `constraint`, requested when its answer begins; `null`: unconstrained. For
   * `generate`.
   */
  readonly constraintOf?: (index: number) => TokenConstraint | null;
  /** Number of prompts decoded together. */
  readonly batchSize: number;
  /** Receives each token as it is chosen, except for the end token. */
  readonly onToken?: (index: number, id: number) => void;
  /** Receives each finished answer. */
  readonly onAnswer?: (index: number, ids: readonly number[]) => void;
  /** Checked after every layer, so that an abort takes effect quickly. */
  readonly signal?: AbortSignal;
}

/** Options for choosing the likeliest of given answers. */
export interface ChooseOptions extends Pick<DecodeOptions, "batchSize" | "endIds" | "signal"> {
  /** Receives each answer as it is found. */
  readonly onAnswer?: (index: number, choice: Choice) => void;
}

/** Options for answering one prompt of a conversation. */
export interface AnswerOptions
  extends Pick<
    DecodeOptions,
    "maxNewTokens" | "temperature" | "topP" | "seed" | "endIds" | "constraint" | "signal"
  > {
  /**
   * A clock in seconds that enables prompt lookup decoding at temperature 0, used as long as measured pass times show
   * that it pays off. The answer is the same up to rounding of float32 sums. That rounding can depend on timing, so
   * evaluations do not pass a clock.
   */
  readonly lookUpClock?: () => number;
  /** Returns this many of the likeliest tokens at each position, with log probabilities; none if omitted. */
  readonly alternatives?: number;
}

/** One token of an answer. */
export interface AnswerToken {
  readonly id: number;
  /** Natural logarithm, before temperature; `null` if not requested. */
  readonly logProbability: number | null;
  /** Likeliest first. */
  readonly alternatives: readonly Likelihood[];
}

/** Answers prompts one after the other and keeps the KV cache between them. */
export interface Conversation {
  /** Number of leading tokens of a prompt that are already in the KV cache. */
  cachedTokens(prompt: Int32Array): number;
  /**
   * Generates the continuation of a prompt, token by token, without the end token: the same tokens as `generate`.
   * Generation stops when the caller leaves the loop. Only one answer can be in progress, except in a pool.
   *
   * @throws {TunewiseError} `ENGINE_ROW_TOO_LONG` if the prompt fills the context
   */
  answer(prompt: Int32Array, options: AnswerOptions): AsyncGenerator<AnswerToken, void>;
}

/** Conversations that share a model: their answers are computed together, one token of each per pass. */
export interface AnswerPool {
  /** One for each adapter of the pool. Each answers any number of prompts at once; further ones wait for a slot. */
  readonly conversations: readonly Conversation[];
  /** Resolves when no pass is running and no answer is in progress. Abort the answers first to close the model. */
  settled(): Promise<void>;
}

/** The weights that training changes. A model can have several adapters; `null` in place of one selects the base. */
export type Adapter = LoraHandle | FullHandle;

/** LoRA weights beside the base's. */
export interface LoraHandle extends AdapterHandle {
  readonly kind: "lora";
  readonly settings: AdapterSettings;
}

/** Full weights in place of the base's. */
export interface FullHandle extends AdapterHandle {
  readonly kind: "full";
  readonly settings: FullSettings;
}

/** Settings of a full fine-tune. */
export interface FullSettings {
  /** Frozen weights: names, or patterns with `*` such as `model.layers.0.*`. */
  readonly frozen: readonly string[];
  readonly baseModel: string;
  readonly revision: string;
}

/** Members that all kinds of adapters share. */
export interface AdapterHandle {
  /** Number of trained values. */
  readonly parameterCount: number;
  /** PEFT names, or those of the model's file; the arrays are live, not copies. */
  tensors(): AdapterTensor[];
  /** Restores the trained values of a checkpoint. */
  restore(path: string): Promise<void>;
}

/** A model that is ready to compute. Owns a native runtime, which `close` frees. */
export interface LanguageModel {
  readonly parameterCount: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly layerCount: number;
  readonly family: string;
  /** Creates a new adapter: A random, B zero, so that the model is unchanged. Targets as in the recipe. */
  createAdapter(
    settings: Omit<AdapterSettings, "targets"> & { targets: "all-linear" | readonly string[] },
    seed: number,
  ): LoraHandle;
  /** Creates an adapter from PEFT tensors. */
  loadAdapter(settings: AdapterSettings, tensors: readonly AdapterTensor[]): LoraHandle;
  /** Creates trainable weights that equal the base's. */
  createFull(settings: FullSettings): Promise<FullHandle>;
  /** Loads trained weights from a file with the base's names and shapes. */
  loadFull(settings: FullSettings, files: WeightFiles): Promise<FullHandle>;
  /** Estimates the Fisher information of each weight that the adapter changes, at the base. */
  estimateFisher(adapter: Adapter, rows: readonly EncodedRow[], options: FisherOptions): Promise<Fisher>;
  /** Writes the result of a training to a folder: an adapter in PEFT's format, or trained weights. */
  saveResult(adapter: Adapter, folder: string): Promise<void>;
  createTrainer(adapter: Adapter, rows: readonly EncodedRow[], plan: TrainPlan): Promise<Trainer>;
  /** Loss over labelled tokens; evaluates the base if `adapter` is `null`. */
  loss(adapter: Adapter | null, rows: readonly EncodedRow[], options?: LossOptions): Promise<LossSum>;
  /** Loss of each row, in the given order. */
  losses(adapter: Adapter | null, rows: readonly EncodedRow[], options?: LossOptions): Promise<LossSum[]>;
  /** Logits of every position, `[T, V]`: for tests and tools, not for large T. */
  logits(adapter: Adapter | null, ids: Int32Array): Promise<Float32Array>;
  /** Text embeddings, `[texts, D]`: mean-pooled last hidden states of the base model. */
  meanHidden(texts: readonly Int32Array[], options?: MeanHiddenOptions): Promise<Float32Array>;
  /** Width D of a hidden state. */
  readonly hiddenSize: number;
  /** Continuations of prompts, without the prompt and without the end token. */
  generate(
    adapter: Adapter | null,
    prompts: readonly Int32Array[],
    options: DecodeOptions,
  ): Promise<number[][]>;
  /**
   * Finds the likeliest choice for each prompt: the exact maximum of P(choice and an end token | prompt), or of
   * P(choice | prompt) if there is no end token.
   *
   * @param choices tokens of each answer without its end token; at least one answer, none empty
   */
  choose(
    adapter: Adapter | null,
    prompts: readonly Int32Array[],
    choices: readonly ArrayLike<number>[],
    options: ChooseOptions,
  ): Promise<Choice[]>;
  /** Creates a conversation, whose prompts extend one another; memory grows with its KV cache. */
  createConversation(adapter: Adapter | null): Conversation;
  /**
   * Creates conversations whose answers are computed together. LoRA adapters are copied and can be dropped afterwards.
   *
   * @param adapters one per conversation; `null` for the base
   * @param slots maximum answers in progress; memory grows with their KV caches
   */
  createPool(adapters: readonly (Adapter | null)[], slots: number): AnswerPool;
  /** Frees the native runtime. */
  close(): Promise<void>;
}
