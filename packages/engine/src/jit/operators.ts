/**
 * @file The engine's custom operators, registered with the runtime if the processor supports them.
 *
 * They are used only if a self-test on unusual shapes agrees with plain loops. If the processor reports a feature that
 * it lacks, or the runtime's interface has changed, training is slower but results stay correct.
 */

import type { Pointer } from "../native/library.ts";
import { elementTypes, ownDomain } from "../onnx/writer.ts";
import { emitProduct, emitProductCode, emitProductTask } from "./bf16-product.ts";
import { type OperatorCode, registerDomain } from "./custom-operators.ts";
import { emitNarrow } from "./narrow.ts";
import type { ContextFunctions } from "./operator-code.ts";
import { matrixFormats, productName, thinProductName } from "./operator-kinds.ts";
import { emitPagedAttention } from "./paged-attention.ts";
import { emitPanelConstants, type PanelConstants } from "./panel-code.ts";
import { vectorFeatures } from "./processor.ts";
import { emitSwiGLU, emitSwiGLUGradient } from "./swiglu.ts";
import { emitThinProduct } from "./thin-product.ts";
import type { Assembler } from "./x64.ts";

const { float32, bfloat16, uint8, int64 } = elementTypes;

let made: Pointer | null | undefined;

/**
 * The domain to add to a session's options; `null` if this processor, system or platform does not support it.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export function operatorDomain(): Pointer | null {
  if (made === undefined) {
    made = vectorFeatures().bf16
      ? registerDomain(ownDomain, (code, functions) => {
          const constants = emitPanelConstants(code);
          return [
            narrowOperator(code, functions, constants),
            ...productOperators(code, functions, constants),
            ...swigluOperators(code, functions),
            ...thinOperators(code, functions),
            pagedOperator(code, functions, constants),
          ];
        })
      : null;
  }
  return made;
}

function narrowOperator(
  code: Assembler,
  functions: ContextFunctions,
  constants: PanelConstants,
): OperatorCode {
  const types = { inputs: [float32, int64], outputs: [bfloat16] };
  return { name: "Narrow", ...types, compute: emitNarrow(code, functions, constants) };
}

function pagedOperator(
  code: Assembler,
  functions: ContextFunctions,
  constants: PanelConstants,
): OperatorCode {
  const inputs = [float32, float32, float32, bfloat16, bfloat16, int64, float32, int64];
  const compute = emitPagedAttention(code, functions, constants);
  return { name: "PagedAttention", inputs, outputs: [float32, float32], compute };
}

function swigluOperators(code: Assembler, functions: ContextFunctions): OperatorCode[] {
  const inputs = [bfloat16, bfloat16, int64];
  return [
    { name: "SwiGLU", inputs, outputs: [float32], compute: emitSwiGLU(code, functions) },
    {
      name: "SwiGLUGradient",
      inputs: [float32, ...inputs],
      outputs: [float32, float32],
      compute: emitSwiGLUGradient(code, functions),
    },
  ];
}

function thinOperators(code: Assembler, functions: ContextFunctions): OperatorCode[] {
  return [true, false].map((isTransposed) => ({
    name: thinProductName(isTransposed),
    inputs: [float32, float32, int64, float32],
    outputs: [float32],
    compute: emitThinProduct(code, functions, isTransposed),
  }));
}

function productOperators(
  code: Assembler,
  functions: ContextFunctions,
  constants: PanelConstants,
): OperatorCode[] {
  const shared = emitProductCode(code, constants);
  const stored = { bfloat16: [bfloat16], float32: [float32], nf4: [uint8, float32] };
  return matrixFormats.flatMap((format) =>
    [true, false].flatMap((transposed) => {
      const task = emitProductTask(code, shared, { format, transposed });
      return [true, false].flatMap((hasAddend) =>
        [true, false].map((hasThin): OperatorCode => {
          const kind = { format, transposed, hasAddend, hasThin };
          const thin = hasThin ? [bfloat16, float32] : [];
          const inputs = [bfloat16, ...stored[format], ...thin, int64, ...(hasAddend ? [float32] : [])];
          const compute = emitProduct(code, functions, kind, task);
          return { name: productName(kind), inputs, outputs: [float32], compute };
        }),
      );
    }),
  );
}
