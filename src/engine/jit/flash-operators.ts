/**
 * @file Attention in blocks as operators of the runtime: `Attention` and `AttentionGradient`, by machine code.
 */
import { attentionDomain, elementTypes } from "../onnx/writer.ts";
import { cText, native } from "../runtime/native.ts";
import { addressOf, contextFunctions, type Pointer } from "../runtime/native-library.ts";
import { emitOperator, operatorStructure } from "./custom-operators.ts";
import { executable } from "./executable-memory.ts";
import { forwardInputs, inputNames } from "./flash-frame.ts";
import { emitAttention, emitAttentionGradient } from "./flash-kernels.ts";
import { emitSubroutines, type FlashNumbers } from "./flash-products.ts";
import type { ContextFunctions } from "./operator-code.ts";
import { vectorFeatures } from "./processor.ts";
import { Assembler } from "./x64.ts";

const { float32, int64 } = elementTypes;

/** Ends the names of operators whose scores have a soft cap. */
export const cappedSuffix = "Capped";

const floats: ReadonlySet<string> = new Set([
  ...["query", "key", "value", "numbers", "gradient", "result", "statistics"],
]);

/** Element types of the operators' inputs. */
export const inputTypes: readonly number[] = inputNames.map((name) => (floats.has(name) ? float32 : int64));

/** What the runtime refers to by address, kept for the life of the process. */
const referenced: unknown[] = [];

/**
 * A domain whose operators are machine code; `null` where this processor or system does not have what they need.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export function machineAttention(numbers: FlashNumbers): Pointer | null {
  const { avx512, bf16 } = vectorFeatures();
  if (!avx512 || (numbers === "bfloat16" && !bf16)) return null;
  const runtime = native();
  const functions = Object.fromEntries(
    Object.entries(contextFunctions).map(([name, place]) => [name, runtime.functions.address(place)]),
  ) as unknown as ContextFunctions;
  const code = new Assembler();
  const subroutines = emitSubroutines(code, numbers);
  const described = [false, true].flatMap((isCapped) => {
    const given = { code, functions, subroutines, isCapped };
    const suffix = isCapped ? cappedSuffix : "";
    return [
      {
        ...{ name: `Attention${suffix}`, inputs: inputTypes.slice(0, forwardInputs) },
        ...{ outputs: [float32, float32], compute: emitAttention(given) },
      },
      {
        ...{ name: `AttentionGradient${suffix}`, inputs: inputTypes },
        ...{ outputs: [float32, float32, float32, float32], compute: emitAttentionGradient(given) },
      },
    ].map((operator) => {
      const name = cText(operator.name);
      referenced.push(name);
      return emitOperator(code, operator, addressOf(name));
    });
  });
  const base = executable(code.code());
  if (base === null) return null;
  const domain = runtime.make("createOperatorDomain", attentionDomain);
  for (const labels of described) {
    const structure = operatorStructure(labels, base);
    referenced.push(structure);
    runtime.call("addOperator", domain, structure);
  }
  return domain;
}
