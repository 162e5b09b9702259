/**
 * @file The engine's promises to `flow`: a model, an adapter, a trainer, scoring and generation.
 */
import type { EncodedRow } from "../dataset/index.ts";
import type { AdapterSettings, AdapterTensor } from "./files/types.ts";

/** What the engine must know to train; no money, no files. */
export interface TrainPlan {
  readonly epochs: number;
  /** Overrides `epochs`. */
  readonly steps: number | null;
  readonly batchSize: number;
  readonly accumulation: number;
  /** `ordered`: as given, epoch after epoch. */
  readonly batching: "ordered" | "shuffle" | "length" | "pack";
  /** Longest row; also the size of a pack. */
  readonly maxLength: number;
  readonly learningRate: number;
  readonly schedule: "constant" | "linear" | "cosine";
  readonly warmup: number;
  readonly optimizer: "adamw" | "sgd";
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly clipNorm: number;
  readonly seed: number;
  readonly recompute: "auto" | "none" | "layer";
}

/** What one optimizer step did. */
export interface StepOutcome {
  /** Counts from 1. */
  readonly step: number;
  /** Mean loss per labelled token. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  readonly tokens: number;
  readonly labelledTokens: number;
}

/** Everything needed to go on from a step to the bit: adapter, moments, step. Data order follows from the seed. */
export interface TrainerState {
  readonly step: number;
  /** Named flat arrays: `adapter/<tensor>`, `moment1/<tensor>`, `moment2/<tensor>`. */
  readonly tensors: readonly AdapterTensor[];
}

/** A training in progress. */
export interface Trainer {
  readonly steps: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Does one optimizer step; throws `ENGINE_LOSS_NOT_FINITE` and leaves adapter and moments as they were. */
  next(): Promise<StepOutcome>;
  /** The arrays are the live ones: whoever keeps them beyond the next step copies them. */
  state(): TrainerState;
  restore(state: TrainerState): void;
  /** Frees what only training needs, before the model is put to other work. */
  release(): Promise<void>;
}

/** Loss over rows: sums, so that parts can be added. */
export interface LossSum {
  /** Sum of negative log likelihoods over labelled tokens, in nats. */
  readonly nll: number;
  readonly labelledTokens: number;
}

/** How to judge losses. */
export interface LossOptions {
  readonly onRows?: (done: number) => void;
  /** Looked at between batches. */
  readonly signal?: AbortSignal;
}

/** How to decode. */
export interface DecodeOptions {
  readonly maxNewTokens: number;
  /** 0: greedy. */
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly endIds: readonly number[];
  /** Prompts decoded together. */
  readonly batchSize: number;
  /** Called with each finished answer. */
  readonly onAnswer?: (index: number, ids: readonly number[]) => void;
  readonly signal?: AbortSignal;
}

/** LoRA weights beside a model. Several may exist for one model. */
export interface Adapter {
  readonly settings: AdapterSettings;
  /** Number of trained values. */
  readonly parameterCount: number;
  /** PEFT names and shapes; the arrays are the live ones. */
  tensors(): AdapterTensor[];
}

/** A model ready to compute. One native runtime behind it; `close` frees it. */
export interface LanguageModel {
  readonly parameterCount: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly layerCount: number;
  readonly family: string;
  /** Fresh adapter: A random, B zero, so that the model is unchanged. Targets as in the recipe. */
  createAdapter(
    settings: Omit<AdapterSettings, "targets"> & { targets: "all-linear" | readonly string[] },
    seed: number,
  ): Adapter;
  /** Adapter from PEFT tensors. */
  loadAdapter(settings: AdapterSettings, tensors: readonly AdapterTensor[]): Adapter;
  createTrainer(adapter: Adapter, rows: readonly EncodedRow[], plan: TrainPlan): Trainer;
  /** Loss over labelled tokens; `adapter` null judges the base model. */
  loss(adapter: Adapter | null, rows: readonly EncodedRow[], options?: LossOptions): Promise<LossSum>;
  /** The same for each row, in the order given. */
  losses(adapter: Adapter | null, rows: readonly EncodedRow[], options?: LossOptions): Promise<LossSum[]>;
  /** Logits of every position, `[T, V]`: for tests and tools, not for large T. */
  logits(adapter: Adapter | null, ids: Int32Array): Promise<Float32Array>;
  /** Continuations of prompts, without the prompt and without the end token. */
  generate(
    adapter: Adapter | null,
    prompts: readonly Int32Array[],
    options: DecodeOptions,
  ): Promise<number[][]>;
  /** Frees the native side. */
  close(): Promise<void>;
}
