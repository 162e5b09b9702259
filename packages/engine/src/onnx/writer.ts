/**
 * @file Collects the ONNX nodes and constants of one program and encodes them as a model file.
 *
 * @source onnx/onnx onnx/onnx.proto, IR version 10, operator set 21
 */

import { MessageWriter } from "@tunewise/core/format";
import type { Dim } from "../graph/shape.ts";
import type { ElementType } from "../graph/value.ts";

/** An attribute of a node: integers, a float (wrapped, so that 1.0 stays a float), or text. */
export type NodeAttribute = number | readonly number[] | { readonly float: number } | string;

/** An input or output of a program. */
export interface Port {
  readonly name: string;
  readonly shape: readonly Dim[];
  readonly type: ElementType;
}

/** Sizes known only at run time, passed as an int64 tensor under this name. */
export interface SizePort {
  readonly name: string;
  readonly dims: readonly Dim[];
}

/** ONNX codes of element types, which the C interface shares. */
export const elementTypes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int64: 7,
  bfloat16: 16,
};

/** Domain of the engine's own operators. */
export const ownDomain = "tunewise";
/** Domain of the operators for blockwise attention. */
export const attentionDomain = "tunewise.attention";

/** An ONNX graph under construction. */
export class OnnxWriter {
  readonly sizes: SizePort[] = [];
  protected readonly nodes: MessageWriter[] = [];
  protected readonly constants: Map<string, MessageWriter> = new Map();
  private count = 0;
  /** Whether any node is one of the engine's own operators. */
  hasOwn = false;
  /** Whether any node is blockwise attention. */
  hasBlockAttention = false;

  /** Adds a node and returns the name of its result; `more` names further results. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, NodeAttribute>> = {},
    result: string = this.newName(),
    more: readonly string[] = [],
  ): string {
    const [domain, type] = op.includes(":") ? (op.split(":") as [string, string]) : ["", op];
    this.hasOwn ||= domain === ownDomain;
    this.hasBlockAttention ||= domain === attentionDomain;
    const message = new MessageWriter();
    for (const input of inputs) message.text(1, input);
    for (const output of [result, ...more]) message.text(2, output);
    message.text(3, result).text(4, type);
    for (const [name, value] of Object.entries(attributes)) message.message(5, attribute(name, value));
    this.nodes.push(message.text(7, domain));
    return result;
  }

  /** A new node name. */
  newName(): string {
    return `v${this.count++}`;
  }

  /** Name of a constant tensor; equal constants are stored once. */
  constant(data: readonly number[], shape: readonly number[], type: ElementType): string {
    const name = `const_${type}_${shape.join("x")}_${data.join("_")}`;
    if (!this.constants.has(name)) this.constants.set(name, tensor(name, data, shape, type));
    return name;
  }

  /** Name of an int64 tensor of sizes: a constant if all are numbers, otherwise an input bound at run time. */
  dims(dims: readonly Dim[]): string {
    if (dims.every((dim) => typeof dim === "number")) return this.constant(dims, [dims.length], "int64");
    const name = `sizes_${dims.join("_")}`;
    if (!this.sizes.some((port) => port.name === name)) this.sizes.push({ name, dims });
    return name;
  }

  /** Encodes the model file. */
  encode(inputs: readonly Port[], outputs: readonly Port[]): Uint8Array {
    const sizes = this.sizes.map(({ name, dims }): Port => ({ name, shape: [dims.length], type: "int64" }));
    const graph = this.graph([...inputs, ...sizes], outputs);
    const model = modelHead().message(7, graph).append(modelTail());
    if (this.hasOwn) model.message(8, own);
    if (this.hasBlockAttention) model.message(8, attention);
    return model.encode();
  }

  /** The nodes, constants and ports so far. */
  protected graph(inputs: readonly Port[], outputs: readonly Port[]): MessageWriter {
    const graph = new MessageWriter();
    for (const node of this.nodes) graph.message(1, node);
    graph.text(2, "tunewise");
    for (const constant of this.constants.values()) graph.message(5, constant);
    for (const port of inputs) graph.message(11, valueInfo(port));
    for (const port of outputs) graph.message(12, valueInfo(port));
    return graph;
  }
}

/** The fields before the graph: format version and producer. */
export function modelHead(): MessageWriter {
  return new MessageWriter().integer(1, 10).text(2, "tunewise");
}

/** Operator set of the engine's own operators (`jit/`), which no other program supports. */
const own = new MessageWriter().text(1, ownDomain).integer(2, 1);
const attention = new MessageWriter().text(1, attentionDomain).integer(2, 1);
const ours = new MessageWriter().text(1, "").integer(2, 21);
const microsoft = new MessageWriter().text(1, "com.microsoft").integer(2, 1);

/** The fields after the graph: operator sets. */
export function modelTail(): MessageWriter {
  return new MessageWriter().message(8, ours).message(8, microsoft);
}

function attribute(name: string, value: NodeAttribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (typeof value === "number") return message.integer(3, value).integer(20, 2);
  if (typeof value === "string") return message.text(4, value).integer(20, 3);
  if ("float" in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function tensor(
  name: string,
  data: readonly number[],
  shape: readonly number[],
  type: ElementType,
): MessageWriter {
  const message = new MessageWriter();
  for (const dim of shape) message.integer(1, dim);
  const raw = type === "float32" ? Float32Array.from(data) : BigInt64Array.from(data.map(BigInt));
  return message.integer(2, elementTypes[type]).text(8, name).bytes(9, new Uint8Array(raw.buffer));
}

/** Describes a port; symbolic sizes are written as dimension names. */
function valueInfo({ name, shape, type }: Port): MessageWriter {
  const dims = new MessageWriter();
  for (const dim of shape) {
    dims.message(
      1,
      typeof dim === "number" ? new MessageWriter().integer(1, dim) : new MessageWriter().text(2, dim),
    );
  }
  const tensorType = new MessageWriter().integer(1, elementTypes[type]).message(2, dims);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensorType));
}
