/** @file Cuts a program out of a graph, from requested outputs down to given values, as an ONNX model. */
import type { OperationName, Value } from "../graph/value.ts";
import { aliases, type Lowered, lowerings } from "./lowering.ts";
import { OnnxWriter, type Port, type SizePort } from "./writer.ts";

/** A program ready for the runtime. */
export interface Program {
  readonly bytes: Uint8Array;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly sizes: readonly SizePort[];
  /** Whether it needs the engine's own operators (`jit/`). */
  readonly hasOwnOperators?: boolean;
  /** Whether it needs the operators of blockwise attention. */
  readonly hasBlockAttention?: boolean;
}

/**
 * The program that computes `outputs`.
 *
 * Values in `given` are passed in at run time instead of being computed; everything else that the outputs need is
 * computed from graph inputs and given values. This is how the backward pass recomputes the activations that the
 * forward pass did not retain.
 *
 * @param outputs name to value
 * @param given name to value
 */
export function cutProgram(
  outputs: ReadonlyMap<string, Value>,
  given: ReadonlyMap<string, Value> = new Map(),
): Program {
  const onnx = new OnnxWriter();
  const inputs = writeNodes(onnx, outputs, given);
  const results = [...outputs].map(([name, output]): Port => {
    const value = core(output, given);
    return { name, shape: value.shape, type: value.type };
  });
  const bytes = onnx.encode(inputs, results);
  return {
    bytes,
    inputs,
    outputs: results,
    sizes: onnx.sizes,
    hasOwnOperators: onnx.hasOwn,
    hasBlockAttention: onnx.hasBlockAttention,
  };
}

/**
 * Writes the nodes that compute `outputs` into a model under construction, which may already contain nodes of other
 * graphs.
 *
 * @param given as for `cutProgram`
 * @param rename maps a graph input to its name in the model
 * @returns the external inputs of the nodes
 */
export function writeNodes(
  onnx: OnnxWriter,
  outputs: ReadonlyMap<string, Value>,
  given: ReadonlyMap<string, Value>,
  rename: (input: string) => string = (input) => input,
): Port[] {
  const names = new Map<Value, string>([...given].map(([name, value]) => [value, name]));
  const ports = new Map<string, Port>();
  const use = (value: Value, name: string): void => {
    ports.set(name, { name, shape: value.shape, type: value.type });
  };
  const ends = new Map([...outputs].map(([name, value]) => [core(value, given), name]));
  const wanted = [...outputs.values()].map((value) => core(value, given));
  for (const value of reachable(wanted, new Set(given.values()))) {
    if (names.has(value)) {
      use(value, names.get(value) as string);
    } else if (value.op === "input") {
      names.set(value, rename(value.name));
      use(value, rename(value.name));
    } else if (value.op === "constant") {
      names.set(value, onnx.constant(value.data ?? [], value.shape as readonly number[], value.type));
    } else {
      const inputs = value.inputs.map((input) => names.get(input) as string);
      const alias = aliases[value.op]?.(inputs[0] as string);
      const result = alias ?? ends.get(value) ?? onnx.newName();
      if (alias === undefined) lowerings[value.op as Lowered](onnx, value, inputs, result);
      names.set(value, result);
    }
  }
  for (const [name, output] of outputs) {
    const inner = names.get(core(output, given)) as string;
    if (inner !== name) onnx.node("Identity", [inner], {}, name);
  }
  return [...ports.values()];
}

/** The value to write for an output. A reshape would copy the elements, so its input is written instead. */
function core(output: Value, given: ReadonlyMap<string, Value>): Value {
  const [inner] = output.inputs;
  const passes = output.op === "reshape" || output.op === "attention";
  if (!inner || !passes || [...given.values()].includes(output)) return output;
  return inner.op === "input" || inner.op === "constant" ? output : core(inner, given);
}

/** Values the outputs need, each after its inputs; given ones are leaves. */
function reachable(outputs: readonly Value[], given: ReadonlySet<Value>): Value[] {
  const seen = new Set<Value>();
  const visit = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if (!given.has(value)) value.inputs.slice(0, usedInputs(value)).forEach(visit);
  };
  outputs.forEach(visit);
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Number of inputs that a node needs. The others, such as the inverse index of `take-rows`, serve only gradients. */
function usedInputs(value: Value): number {
  if (aliases[value.op as OperationName]) return 1;
  // all inputs except the tables of key blocks
  if (value.op === "block-attention") return 7;
  return value.op === "take-rows" ? 2 : value.inputs.length;
}
