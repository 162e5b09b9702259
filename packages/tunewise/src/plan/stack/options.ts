/** @file Options of a training framework, as changes of its rules. */
import type { StackRules } from "./rules.ts";

/** `bfloat16`: weights, gradients and moments have 16 bits, without a float32 copy. */
export type MasterDtype = "bfloat16" | "float32";

/** Options that several frameworks have. */
export interface StackOptions {
  /** Compute in float32 instead of mixed precision. */
  readonly float32?: boolean;
  /** Format of trained weights, gradients and moments in full fine-tuning. */
  readonly masterDtype?: MasterDtype;
  /** Compile layers: norms and activations are fused with neighboring operations. */
  readonly compile?: boolean;
  /** Fuse head and loss in one kernel (Liger, Cut Cross-Entropy). */
  readonly fusedLoss?: boolean;
  /** Compute the cross-entropy loss in chunks. */
  readonly chunkedLoss?: boolean;
  /** Offload the inputs of recomputed layers to host memory. */
  readonly offloadActivations?: boolean;
  /** Apply and release each gradient immediately (optimizer in backward). */
  readonly optimizerInBackward?: boolean;
}

/** Applies options to a framework's rules; missing options keep their default. */
export function withOptions(rules: StackRules, options: StackOptions): StackRules {
  let changed = rules;
  if (options.masterDtype !== undefined) {
    changed = { ...changed, fullWeightBytes: options.masterDtype === "bfloat16" ? 2 : 4 };
  }
  if (options.float32) {
    const whole = { computeBytes: 4, adapterBytes: 4, fullWeightBytes: 4 } as const;
    changed = { ...changed, ...whole, autocast: false };
  }
  if (options.compile !== undefined) {
    const style = options.compile ? "fused" : "eager";
    changed = { ...changed, norms: style, feedForward: style };
  }
  if (options.chunkedLoss !== undefined) {
    const pieces = changed.norms === "fused" ? "compiled-pieces" : "pieces";
    changed = { ...changed, loss: options.chunkedLoss ? pieces : "whole" };
  }
  if (options.fusedLoss) changed = { ...changed, loss: "fused", heldLogits: "none" };
  if (options.offloadActivations !== undefined) {
    changed = { ...changed, checkpointStore: options.offloadActivations ? "host" : "device" };
  }
  if (options.optimizerInBackward !== undefined) {
    changed = { ...changed, optimizerInBackward: options.optimizerInBackward };
  }
  return changed;
}
