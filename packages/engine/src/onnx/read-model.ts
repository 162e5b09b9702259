/**
 * @file Reads the inputs and outputs of an untrusted ONNX file and checks that it is self-contained: external data is
 *   never opened.
 *
 * @source onnx/onnx onnx/onnx.proto: ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, FunctionProto
 */
import { BrokenMessage, fieldsIn, textOf } from "@tunewise/core/format";

/** An input or output of the model. */
export interface ForeignPort {
  readonly name: string;
  /** ONNX code of the element type: 1 float32, 7 int64. */
  readonly type: number;
  /** Sizes of its axes; `null` if only known at run time. */
  readonly shape: readonly (number | null)[];
}

/** Inputs and outputs of a model. */
export interface ForeignModel {
  readonly inputs: readonly ForeignPort[];
  readonly outputs: readonly ForeignPort[];
}

/** The reason why a file cannot be run, as text that follows its name. */
export class UnfitModel extends Error {}

/** Maximum nesting of graphs, as in loops and branches; protobuf's own parsers allow 100 nested messages. */
const maxDepth = 32;

/**
 * Inputs and outputs of the main graph.
 *
 * External data is rejected: the runtime would open whatever path the file names, relative to the working directory.
 *
 * @throws {UnfitModel} if the bytes are not an ONNX model, or use external data
 */
export function readForeignModel(bytes: Uint8Array): ForeignModel {
  try {
    return readModel(bytes);
  } catch (error) {
    if (error instanceof BrokenMessage) throw new UnfitModel(`is damaged: ${error.message}`);
    throw error;
  }
}

function readModel(bytes: Uint8Array): ForeignModel {
  const model = { inputs: [] as ForeignPort[], outputs: [] as ForeignPort[], weights: new Set<string>() };
  let graphs = 0;
  for (const { number, bytes: part } of fieldsIn(bytes)) {
    if (part === null) continue;
    if (number === 7) {
      graphs++;
      readGraph(part, model, 0);
    } else if (number === 25) walkNodes(part, 7, 0);
    else if (number === 20) throw new UnfitModel("holds a training graph");
  }
  if (graphs !== 1) throw new UnfitModel(`holds ${graphs} graphs, so that it is no ONNX model`);
  // old files list weights among the inputs, as default values that can be replaced
  return { inputs: model.inputs.filter(({ name }) => !model.weights.has(name)), outputs: model.outputs };
}

interface Ports {
  readonly inputs: ForeignPort[];
  readonly outputs: ForeignPort[];
  readonly weights: Set<string>;
}

function readGraph(graph: Uint8Array, ports: Ports | null, depth: number): void {
  if (depth > maxDepth) throw new UnfitModel(`nests graphs more than ${maxDepth} deep`);
  walkNodes(graph, 1, depth);
  for (const { number, bytes } of fieldsIn(graph)) {
    if (bytes === null) continue;
    if (number === 5) {
      const name = readTensor(bytes);
      ports?.weights.add(name);
    } else if (number === 15) readSparse(bytes);
    else if (number === 11) ports?.inputs.push(readPort(bytes));
    else if (number === 12) ports?.outputs.push(readPort(bytes));
  }
}

/** Visits tensors and graphs in the attributes of nodes; nodes are field 1 of a graph and 7 of a function. */
function walkNodes(owner: Uint8Array, nodeField: number, depth: number): void {
  for (const { number, bytes } of fieldsIn(owner)) {
    if (number !== nodeField || bytes === null) continue;
    for (const { number: part, bytes: attribute } of fieldsIn(bytes)) {
      if (part === 5 && attribute !== null) readAttribute(attribute, depth);
    }
  }
}

function readAttribute(attribute: Uint8Array, depth: number): void {
  for (const { number, bytes } of fieldsIn(attribute)) {
    if (bytes === null) continue;
    if (number === 5 || number === 10) readTensor(bytes);
    else if (number === 6 || number === 11) readGraph(bytes, null, depth + 1);
    else if (number === 22 || number === 23) readSparse(bytes);
  }
}

function readSparse(tensor: Uint8Array): void {
  for (const { number, bytes } of fieldsIn(tensor)) {
    if ((number === 1 || number === 2) && bytes !== null) readTensor(bytes);
  }
}

/** @returns its name */
function readTensor(tensor: Uint8Array): string {
  let name = "";
  for (const { number, value, bytes } of fieldsIn(tensor)) {
    if (number === 8 && bytes !== null) name = textOf(bytes);
    const isElsewhere = number === 13 || (number === 14 && value !== 0);
    if (isElsewhere) throw new UnfitModel("keeps weights in other files, which are not opened");
  }
  return name;
}

function readPort(info: Uint8Array): ForeignPort {
  const port = { name: "", type: 0, shape: [] as (number | null)[] };
  for (const { number, bytes } of fieldsIn(info)) {
    if (number === 1 && bytes !== null) port.name = textOf(bytes);
    if (number !== 2 || bytes === null) continue;
    for (const { number: kind, bytes: tensor } of fieldsIn(bytes)) {
      if (kind === 1 && tensor !== null) readTensorType(tensor, port);
    }
  }
  return port;
}

function readTensorType(tensor: Uint8Array, port: { type: number; shape: (number | null)[] }): void {
  for (const { number, value, bytes } of fieldsIn(tensor)) {
    if (number === 1) port.type = value;
    if (number !== 2 || bytes === null) continue;
    for (const { number: kind, bytes: dim } of fieldsIn(bytes)) {
      if (kind === 1 && dim !== null) port.shape.push(readDim(dim));
    }
  }
}

function readDim(dim: Uint8Array): number | null {
  for (const { number, value } of fieldsIn(dim)) {
    if (number === 1 && Number.isSafeInteger(value) && value > 0) return value;
  }
  return null;
}
