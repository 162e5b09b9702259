/**
 * @file Switches of a training program, as changes of its rules.
 */
import type { StackRules } from "./rules.ts";

/** Switches that several programs have. */
export interface StackOptions {
  /** Layers are compiled: norms and activations become parts of their neighbors. */
  readonly compile?: boolean;
  /** Head and loss in one kernel (Liger, cut cross entropy). */
  readonly fusedLoss?: boolean;
  /** The loss in pieces, or the whole table. */
  readonly chunkedLoss?: boolean;
  /** Inputs of recomputed layers wait in the host's memory. */
  readonly offloadActivations?: boolean;
  /** Each gradient is used and dropped as soon as it is there. */
  readonly optimizerInBackward?: boolean;
}

/** Rules of a program with its switches set; a switch that is not named stays as the program has it. */
export function withOptions(rules: StackRules, options: StackOptions): StackRules {
  let changed = rules;
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
