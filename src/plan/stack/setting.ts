/**
 * @file One training set-up on GPUs, as the memory of a training program needs to know it.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import type { Bytes } from "../../quantity/index.ts";
import type { StackRules } from "./rules.ts";

/** What is trained of the model. */
export type Trained =
  | { readonly kind: "full" }
  | {
      /** `qlora`: the frozen matrices are stored in 4 bits. */
      readonly kind: "lora" | "qlora";
      readonly rank: number;
      /** Names of projections, or every one of them. */
      readonly targets: "all-linear" | readonly string[];
      /** Adapter on the head, too. */
      readonly head: boolean;
      readonly dropout: number;
      /** The scales of the 4-bit blocks are quantized themselves. */
      readonly doubleQuantization: boolean;
    };

/** Optimizers by what they remember. */
export type OptimizerKind = "adamw" | "adamw-8bit" | "paged-adamw-8bit" | "adafactor" | "sgd";

/** How states are spread over GPUs. */
export type Sharding = "none" | "zero-1" | "zero-2" | "zero-3" | "fsdp";

/** Everything that memory depends on. */
export interface StackSetting {
  readonly model: ModelDescription;
  readonly trained: Trained;
  readonly stack: StackRules;
  /** Rows of a micro-batch on one GPU, and the length they are padded to. */
  readonly rows: number;
  readonly length: number;
  /** Gradients stay from one micro-batch to the next. */
  readonly accumulates: boolean;
  /** Layers are computed again in the backward pass; `null`: as the stack does by itself. */
  readonly checkpointing: boolean | null;
  readonly attention: "fused" | "eager";
  readonly optimizer: OptimizerKind;
  readonly devices: number;
  readonly sharding: Sharding;
  /** States that live in the host's memory. */
  readonly offload: "none" | "optimizer" | "all";
  /** Rows whose loss is looked at together during the run, and their length; `null`: there are none. */
  readonly evaluation: { readonly rows: number; readonly length: number } | null;
}

/** Bytes of a value of a number format. */
export const formatBytes = { float32: 4, half: 2 } as const;

/** Tokens of a micro-batch on one GPU. */
export function tokensOf({ rows, length }: StackSetting): number {
  return rows * length;
}

/** Whether layers are computed again. */
export function isCheckpointed({ checkpointing, stack }: StackSetting): boolean {
  return checkpointing ?? stack.checkpointing;
}

/** A number of bytes of one kind, with the sentence that explains it. */
export interface StackTerm {
  readonly name: StackTermName;
  readonly bytes: Bytes;
  readonly reason: string;
}

/** Kinds of bytes on a GPU. */
export type StackTermName =
  | "weights"
  | "adapters"
  | "gradients"
  | "optimizer"
  | "gathered"
  | "kept"
  | "layer"
  | "scores"
  | "dequantized"
  | "logits"
  | "cache"
  | "copies";
