/**
 * @file Memory that PEFT's DoRA needs in addition to LoRA: activations of each adapted projection, and full matrices
 * for its norms.
 *
 * @source huggingface/peft 0.21 src/peft/tuners/lora/dora.py, `DoraLinearLayer.forward`; test/python/dora-rules.test.ts
 *   compares it with traces of that program
 */

import { sum } from "@tunewise/core/math";
import type { Projection } from "../../catalog/index.ts";
import { type Formats, formatsOf } from "./formats.ts";
import { isTrained } from "./is-trained.ts";
import { isCheckpointed, type StackSetting, type StackTerm, stackTerm } from "./setting.ts";

/** Projections that DoRA adapts; none if the adapter is not DoRA. */
function adapted(setting: StackSetting): Projection[] {
  const { model, trained } = setting;
  if (trained.kind === "full" || !trained.dora) return [];
  return model.projections.filter((one) => isTrained(setting, one));
}

/** Bytes per token that a projection saves for the gradient of its magnitudes: the outputs of both of its products. */
export function savedByDora(
  { trained }: StackSetting,
  { outputWidth, activeCopies }: Projection,
  { input, result }: Formats,
): number {
  if (trained.kind === "full" || !trained.dora) return 0;
  // with dropout the weight is also multiplied by the adapter's own input
  return activeCopies * outputWidth * (input + (trained.dropout > 0 ? input : result));
}

/**
 * Bytes that a layer saves independently of the number of tokens: scale, norm and their difference for each row; with
 * dropout also the weight in the input's format, if it is stored in another one.
 */
export function heldByDora(setting: StackSetting): number {
  const { trained, stack } = setting;
  const hasDropout = trained.kind !== "full" && trained.dropout > 0;
  const copy = hasDropout ? weightCopyBytes(setting) : 0;
  return sum(
    adapted(setting).map(
      ({ inputWidth, outputWidth, copies }) =>
        copies * outputWidth * (3 * stack.adapterBytes + copy * inputWidth),
    ),
  );
}

/** Bytes per value of the weight's copy for its product; 0 if it is multiplied as stored. */
function weightCopyBytes(setting: StackSetting): number {
  const { input } = formatsOf(setting);
  return setting.trained.kind === "qlora" || input === 4 ? input : 0;
}

/**
 * Memory while a projection's norms are computed: an identity, which turns the update into a full matrix; the weight,
 * if it is copied; the scaled update, and the sum. They remain until the output exists, together with the output's two
 * addends and their sum. The largest projection of a layer counts.
 */
export function doraTerm(setting: StackSetting, tokens: number): StackTerm {
  const { stack, trained } = setting;
  const { input } = formatsOf(setting);
  // a 4-bit weight is first dequantized to 16 bits
  const copies = weightCopyBytes(setting) + (trained.kind === "qlora" && input === 4 ? 2 : 0);
  const identity = stack.adapterBytes + (stack.autocast ? input : 0);
  const sizes = adapted(setting).map(
    ({ inputWidth, outputWidth }) =>
      identity * inputWidth ** 2 +
      (3 * input + copies) * inputWidth * outputWidth +
      3 * stack.adapterBytes * outputWidth * tokens,
  );
  return stackTerm(
    "dora",
    Math.max(0, ...sizes),
    "one matrix with its update, as a whole, for norms of its rows",
  );
}

/** Memory of a recomputed layer that does not depend on its tokens. */
export function recomputedDoraTerm(setting: StackSetting): StackTerm {
  return stackTerm("dora", isCheckpointed(setting) ? heldByDora(setting) : 0, "norms of a layer's rows");
}
