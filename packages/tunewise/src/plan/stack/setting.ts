/** @file A training setup on GPUs, as input of the memory estimate. */

import { type Bytes, bytes } from "@tunewise/core/quantity";
import type { OptimizerName } from "@tunewise/core/run";
import type { ModelDescription } from "../../catalog/index.ts";
import type { StackRules } from "./rules.ts";

/** The trained parameters. */
export type Trained =
  | { readonly kind: "full" }
  | {
      /** `qlora`: frozen matrices are stored in 4 bits. */
      readonly kind: "lora" | "qlora";
      readonly rank: number;
      /** Names of projections, or all. */
      readonly targets: "all-linear" | readonly string[];
      /** Whether the head has an adapter too. */
      readonly head: boolean;
      readonly dropout: number;
      /** Whether the scales of the 4-bit blocks are quantized too. */
      readonly doubleQuantization: boolean;
      /** Whether the magnitudes of rows are trained too (DoRA). */
      readonly dora?: boolean;
    };

/** Sharding of states over GPUs. */
export type Sharding = "none" | "zero-1" | "zero-2" | "zero-3" | "fsdp";

/** All inputs of the memory estimate. */
export interface StackSetting {
  readonly model: ModelDescription;
  readonly trained: Trained;
  readonly stack: StackRules;
  /** Rows of a micro-batch on one GPU, and their padded length. */
  readonly rows: number;
  readonly length: number;
  /** Padded lengths of a sample of batches; absent: all are `length`. */
  readonly lengths?: readonly number[];
  /** Whether gradients are accumulated over micro-batches. */
  readonly accumulates: boolean;
  /** Gradient checkpointing; `null`: the framework's default. */
  readonly checkpointing: boolean | null;
  readonly attention: "fused" | "eager";
  readonly optimizer: OptimizerName;
  readonly devices: number;
  readonly sharding: Sharding;
  /** Bytes per weight that each process holds in host memory for a penalty against forgetting; absent: none. */
  readonly anchorBytes?: number;
  /** States offloaded to host memory. */
  readonly offload: "none" | "optimizer" | "all";
  /** Evaluation batch: rows and length; `null`: none. */
  readonly evaluation: { readonly rows: number; readonly length: number } | null;
}

/** Bytes per value by number format. */
export const formatBytes = { float32: 4, half: 2 } as const;

/** Tokens of a micro-batch on one GPU. */
export function tokensOf({ rows, length }: StackSetting): number {
  return rows * length;
}

/** Whether gradient checkpointing is used. */
export function isCheckpointed({ checkpointing, stack }: StackSetting): boolean {
  return checkpointing ?? stack.checkpointing;
}

/** A term of the memory estimate, with an explanation. */
export interface StackTerm {
  readonly name: StackTermName;
  readonly bytes: Bytes;
  readonly reason: string;
}

/** Creates a term. */
export function stackTerm(name: StackTermName, size: number, reason: string): StackTerm {
  return { name, bytes: bytes(size), reason };
}

/** Kinds of memory on a GPU. */
type StackTermName =
  | "weights"
  | "adapters"
  | "gradients"
  | "optimizer"
  | "gathered"
  | "kept"
  | "layer"
  | "scores"
  | "dequantized"
  | "dora"
  | "logits"
  | "cache"
  | "copies";
