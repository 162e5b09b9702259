/**
 * @file The engine's promises to `app`: a model, an adapter, a trainer, scoring and generation.
 */
import type { EncodedRow } from "../dataset/index.ts";
import type { AdapterSettings, AdapterTensor, WeightFiles } from "../weights/index.ts";
import type { Choice } from "./generate/choice-search.ts";
import type { Likelihood } from "./generate/likelihood.ts";
import type { Fisher } from "./penalties/fisher.ts";
import type { FisherOptions, PenaltySettings } from "./penalties/settings.ts";

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
  /** File for the optimizer's moments while training lasts; `null` keeps them in memory. */
  readonly momentsPath: string | null;
  /** What pulls back towards the base; `null`: nothing. */
  readonly penalty: PenaltySettings | null;
}

/** What one optimizer step did. */
export interface StepOutcome {
  /** Counts from 1. */
  readonly step: number;
  /** Mean loss per labelled token, the penalty apart. */
  readonly loss: number;
  /** 0 where nothing pulls back. */
  readonly penalty: number;
  readonly learningRate: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  /** Global L2 norm of what the step changed, over that of the trained values before it. */
  readonly updateRatio: number;
  readonly tokens: number;
  readonly labelledTokens: number;
}

/** A training in progress. */
export interface Trainer {
  readonly steps: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** The schedule's learning rate is multiplied by this; part of what is saved and restored. */
  rateScale: number;
  /** Does one optimizer step; throws `ENGINE_LOSS_NOT_FINITE` and leaves adapter and moments as they were. */
  next(): Promise<StepOutcome>;
  /**
   * Writes everything needed to go on from here to the bit: trained values, moments, step. The order of the data
   * follows from the seed.
   *
   * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`
   */
  save(path: string): Promise<void>;
  /** @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` where the file is of another training */
  restore(path: string): Promise<void>;
  /** Goes back to step 0, with the values of an adapter of the same kind that is not trained yet. */
  restart(start: Adapter): Promise<void>;
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

/** How to read texts for their vectors. */
export interface MeanHiddenOptions {
  /** Texts read so far. */
  readonly onTexts?: (done: number) => void;
  /** Looked at between passes. */
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
  /** Called with each token of an answer as it is chosen; the end token is none of them. */
  readonly onToken?: (index: number, id: number) => void;
  /** Called with each finished answer. */
  readonly onAnswer?: (index: number, ids: readonly number[]) => void;
  /** Looked at after every layer, so that nobody waits long for the end. */
  readonly signal?: AbortSignal;
}

/** How the likeliest of given answers is looked for. */
export interface ChooseOptions extends Pick<DecodeOptions, "batchSize" | "endIds" | "signal"> {
  /** Called with each answer as it is found. */
  readonly onAnswer?: (index: number, choice: Choice) => void;
}

/** How one prompt of a conversation is continued. */
export interface AnswerOptions
  extends Pick<DecodeOptions, "maxNewTokens" | "temperature" | "topP" | "seed" | "endIds" | "signal"> {
  /** So many of the likeliest tokens are named beside each token, with log probabilities; without it none are. */
  readonly alternatives?: number;
}

/** One token of an answer. */
export interface AnswerToken {
  readonly id: number;
  /** Natural logarithm, before temperature; `null` where it was not asked for. */
  readonly logProbability: number | null;
  /** Likeliest first. */
  readonly alternatives: readonly Likelihood[];
}

/** Prompts answered one after the other, of which what was read is kept. */
export interface Conversation {
  /** How many tokens at the start of a prompt would not have to be read. */
  held(prompt: Int32Array): number;
  /**
   * The continuation of a prompt, token by token: the same as `generate` gives, end token left out. It stops early
   * where the caller leaves the loop. One at a time.
   *
   * @throws {TunewiseError} `ENGINE_ROW_TOO_LONG` for a prompt that fills the context
   */
  answer(prompt: Int32Array, options: AnswerOptions): AsyncGenerator<AnswerToken, void>;
}

/** What training changes. Several may exist for one model; `null` in its place is the base. */
export type Adapter = LoraHandle | FullHandle;

/** LoRA weights beside the base's. */
export interface LoraHandle extends AdapterHandle {
  readonly kind: "lora";
  readonly settings: AdapterSettings;
}

/** Weights in place of the base's. */
export interface FullHandle extends AdapterHandle {
  readonly kind: "full";
  readonly settings: FullSettings;
}

/** Which weights are trained. */
export interface FullSettings {
  /** Weights that stay as they are: names, or patterns with `*` such as `model.layers.0.*`. */
  readonly frozen: readonly string[];
  readonly baseModel: string;
  readonly revision: string;
}

/** What all have in common. */
export interface AdapterHandle {
  /** Number of trained values. */
  readonly parameterCount: number;
  /** PEFT names, or those of the model's file; the arrays are the live ones. */
  tensors(): AdapterTensor[];
  /** Takes the trained values of a checkpoint. */
  restore(path: string): Promise<void>;
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
  ): LoraHandle;
  /** Adapter from PEFT tensors. */
  loadAdapter(settings: AdapterSettings, tensors: readonly AdapterTensor[]): LoraHandle;
  /** Weights to be trained, equal to the base's. */
  createFull(settings: FullSettings): Promise<FullHandle>;
  /** Trained weights of a file whose names and shapes are the base's. */
  loadFull(settings: FullSettings, files: WeightFiles): Promise<FullHandle>;
  /** How much each weight that the adapter changes matters for some text, at the base. */
  estimateFisher(adapter: Adapter, rows: readonly EncodedRow[], options: FisherOptions): Promise<Fisher>;
  /** Writes the result of a training into a folder: an adapter in PEFT's format, or trained weights. */
  saveResult(adapter: Adapter, folder: string): Promise<void>;
  createTrainer(adapter: Adapter, rows: readonly EncodedRow[], plan: TrainPlan): Promise<Trainer>;
  /** Loss over labelled tokens; `adapter` null judges the base model. */
  loss(adapter: Adapter | null, rows: readonly EncodedRow[], options?: LossOptions): Promise<LossSum>;
  /** The same for each row, in the order given. */
  losses(adapter: Adapter | null, rows: readonly EncodedRow[], options?: LossOptions): Promise<LossSum[]>;
  /** Logits of every position, `[T, V]`: for tests and tools, not for large T. */
  logits(adapter: Adapter | null, ids: Int32Array): Promise<Float32Array>;
  /** Texts as vectors, `[texts, D]`: means of the base model's last hidden states. */
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
   * The likeliest of the choices for each prompt: the exact maximum of P(choice and an end token | prompt). Where there
   * is no end token, of P(choice | prompt).
   *
   * @param choices tokens of each answer without its end, at least one answer, none empty
   */
  choose(
    adapter: Adapter | null,
    prompts: readonly Int32Array[],
    choices: readonly ArrayLike<number>[],
    options: ChooseOptions,
  ): Promise<Choice[]>;
  /** Answers prompts that go on from one another; its memory grows with what it holds. */
  createConversation(adapter: Adapter | null): Conversation;
  /** Frees the native side. */
  close(): Promise<void>;
}
