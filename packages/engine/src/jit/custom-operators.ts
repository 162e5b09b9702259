/**
 * @file Registers machine code as custom operators of the runtime.
 *
 * @source onnxruntime_c_api.h 1.30, struct OrtCustomOp
 */

import { addressOf, contextFunctions, type Pointer } from "../native/library.ts";
import { cText, native } from "../native/runtime.ts";
import { executable } from "./executable-memory.ts";
import type { ContextFunctions } from "./operator-code.ts";
import { Assembler, type Label } from "./x64.ts";

/** An operator: ONNX element types of its inputs and outputs, and its compute function. */
export interface OperatorCode {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly compute: Label;
}

/** Position of each field in words of 8 bytes; fields that are not listed stay null. */
export const fields = {
  getName: 2,
  getProvider: 3,
  getInputType: 4,
  getInputCount: 5,
  getOutputType: 6,
  getOutputCount: 7,
  destroy: 9,
  getInputKind: 10,
  getOutputKind: 11,
  getInputMemory: 12,
  getInputArity: 13,
  getInputSame: 14,
  getOutputArity: 15,
  getOutputSame: 16,
  create: 17,
  compute: 18,
  getStart: 20,
  getEnd: 21,
} as const;
const fieldCount = 26;

/** Version of the interface that the structure implements. */
const interfaceVersion = 22n;
/** Largest version of an operator set. */
export const anyVersion = 0x7fffffffn;

/** Objects that the runtime references by address; they must not be collected while the process runs. */
const referenced: unknown[] = [];

/**
 * Assembles operators and registers them as a domain; `null` if the system forbids executable memory or the runtime
 * rejects the operators.
 *
 * @param emit emits the code of the operators
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED` if the runtime cannot be loaded
 */
export function registerDomain(
  name: string,
  emit: (code: Assembler, functions: ContextFunctions) => readonly OperatorCode[],
): Pointer | null {
  const runtime = native();
  const functions = Object.fromEntries(
    Object.entries(contextFunctions).map(([entry, place]) => [entry, runtime.functions.address(place)]),
  ) as unknown as ContextFunctions;
  const code = new Assembler();
  const described = emit(code, functions).map((one) => {
    const text = cText(one.name);
    referenced.push(text);
    return emitOperator(code, one, addressOf(text));
  });
  const base = executable(code.code());
  if (base === null) return null;
  try {
    const domain = runtime.make("createOperatorDomain", name);
    for (const labels of described) {
      const structure = operatorStructure(labels, base);
      referenced.push(structure);
      runtime.call("addOperator", domain, structure);
    }
    return domain;
  } catch {
    return null; // a runtime with another interface: programs use its standard operators only
  }
}

/** Labels of one operator's functions, by field. */
type OperatorLabels = ReadonlyMap<number, Label>;

/** Emits the small functions that describe an operator. */
function emitOperator(
  code: Assembler,
  { inputs, outputs, compute }: OperatorCode,
  name: Pointer,
): OperatorLabels {
  const labels = new Map<number, Label>([[fields.compute, compute]]);
  const define = (field: number, body: () => void): void => {
    const label = code.label();
    code.bind(label);
    body();
    labels.set(field, label);
  };
  const answer = (value: bigint) => (): void => {
    code.constant("rax", value);
    code.return();
  };
  const byIndex = (values: readonly number[]) => (): void => {
    for (const [at, value] of values.entries()) {
      const next = code.label();
      code.compare("rsi", at);
      code.jumpIf("notEqual", next);
      answer(BigInt(value))();
      code.bind(next);
    }
    answer(0n)();
  };
  define(fields.getName, answer(name));
  define(fields.getProvider, answer(0n));
  define(fields.getInputType, byIndex(inputs));
  define(fields.getInputCount, answer(BigInt(inputs.length)));
  define(fields.getOutputType, byIndex(outputs));
  define(fields.getOutputCount, answer(BigInt(outputs.length)));
  define(fields.destroy, () => code.return());
  for (const field of [fields.getInputKind, fields.getOutputKind, fields.getInputMemory])
    define(field, answer(0n));
  for (const field of [fields.getInputArity, fields.getOutputArity]) define(field, answer(1n));
  for (const field of [fields.getInputSame, fields.getOutputSame]) define(field, answer(1n));
  // create(operator, interface, information, result): kernels are stateless
  define(fields.create, () => {
    code.store({ base: "rcx" }, "rdi");
    answer(0n)();
  });
  define(fields.getStart, answer(1n));
  define(fields.getEnd, answer(anyVersion));
  return labels;
}

/** The structure of an operator that the runtime reads; it must stay referenced. */
function operatorStructure(labels: OperatorLabels, base: Pointer): BigUint64Array {
  return structureOf([...labels].map(([field, label]) => [field, base + BigInt(label.position ?? 0)]));
}

/** Builds the structure from the addresses of its functions, by field. */
export function structureOf(functions: Iterable<readonly [field: number, at: Pointer]>): BigUint64Array {
  const structure = new BigUint64Array(fieldCount);
  structure[0] = interfaceVersion;
  for (const [field, at] of functions) structure[field] = at;
  return structure;
}
