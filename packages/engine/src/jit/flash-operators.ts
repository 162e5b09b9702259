/**
 * @file Blockwise attention in machine code as operators of the runtime: `Attention` and `AttentionGradient`.
 */

import type { Pointer } from "../native/library.ts";
import { attentionDomain, elementTypes } from "../onnx/writer.ts";
import { registerDomain } from "./custom-operators.ts";
import { forwardInputs, inputNames } from "./flash-frame.ts";
import { emitAttention, emitAttentionGradient } from "./flash-kernels.ts";
import { emitSubroutines, type FlashNumbers } from "./flash-products.ts";
import { attentionName } from "./operator-kinds.ts";
import { vectorFeatures } from "./processor.ts";

const { float32, int64 } = elementTypes;

const floats: ReadonlySet<string> = new Set([
  ...["query", "key", "value", "numbers", "gradient", "result", "statistics"],
]);

/** Element types of the operators' inputs. */
export const inputTypes: readonly number[] = inputNames.map((name) => (floats.has(name) ? float32 : int64));

/**
 * A domain whose operators are machine code; `null` if this processor or system does not support them.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export function machineAttention(numbers: FlashNumbers): Pointer | null {
  const { avx512, bf16 } = vectorFeatures();
  if (!avx512 || (numbers === "bfloat16" && !bf16)) return null;
  return registerDomain(attentionDomain, (code, functions) => {
    const subroutines = emitSubroutines(code, numbers);
    return [false, true].flatMap((isCapped) => {
      const given = { code, functions, subroutines, isCapped };
      return [
        {
          name: attentionName({ isGradient: false, isCapped }),
          inputs: inputTypes.slice(0, forwardInputs),
          outputs: [float32, float32],
          compute: emitAttention(given),
        },
        {
          name: attentionName({ isGradient: true, isCapped }),
          inputs: inputTypes,
          outputs: [float32, float32, float32, float32],
          compute: emitAttentionGradient(given),
        },
      ];
    });
  });
}
