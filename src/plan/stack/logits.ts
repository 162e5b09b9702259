/**
 * @file Bytes of the table of logits while the loss and its gradient are computed.
 */
import { formatsOf } from "./formats.ts";
import type { LossKind } from "./rules.ts";
import { type StackSetting, tokensOf } from "./setting.ts";

/** Bytes per logit at the peak of the loss, the caller's apart. */
const lossBytes: Readonly<Record<LossKind, number>> = {
  whole: 12,
  pieces: 6,
  "half-pieces": 2,
  "compiled-pieces": 2,
  "in-place": 2,
  fused: 0,
};

/**
 * Bytes at the peak of the loss; a bounded logit keeps its bounded value for its gradient.
 *
 * @source torch.nn.functional.cross_entropy under autograd, counted with bench/kept-tensors.py;
 *   linkedin/Liger-Kernel src/liger_kernel/ops/fused_linear_cross_entropy.py for `fused`: a piece as large as the
 *   hidden states, in float32 and with its gradient
 */
export function lossPeakBytes(setting: StackSetting): number {
  const { model, stack } = setting;
  const { stream } = formatsOf(setting);
  const tokens = tokensOf(setting);
  if (stack.loss === "fused") return 3 * tokens * model.hidden * stream;
  const bounded = model.softCaps ? stream : 0;
  return tokens * model.vocabulary * (lossBytes[stack.loss] + bounded) + heldLogitBytes(setting);
}

/**
 * Gradient of a trained head while the loss is computed; with the loss in pieces also the part that is being added.
 */
export function headGradientBytes({ model, trained, stack }: StackSetting): number {
  if (trained.kind !== "full") return 0;
  const table = stack.fullWeightBytes * model.hidden * model.vocabulary;
  return stack.loss.endsWith("pieces") ? 2 * table : table;
}

/** Logits that stay through the rest of the backward pass. */
export function heldLogitBytes(setting: StackSetting): number {
  const { model, stack } = setting;
  if (stack.heldLogits === "none") return 0;
  return (
    tokensOf(setting) * model.vocabulary * (stack.heldLogits === "given" ? formatsOf(setting).stream : 4)
  );
}
