/**
 * @file Stores the weights of an ONNX model in the file itself, or as external data beside it.
 *
 * A protobuf file is limited to 2 GiB. Larger models keep their graph in `model.onnx` and their weights in
 * `model.onnx_data`, `model.onnx_data_1` and so on, each again below that size, which browsers require.
 *
 * @source onnx/onnx onnx/onnx.proto `TensorProto` (raw_data, external_data), docs/ExternalData.md; names of data
 *   files as in huggingface/transformers.js src/utils/model-loader.js
 */
import { MessageWriter } from "@tunewise/core/format";
import { modelHead, modelTail } from "../../onnx/writer.ts";
import { type PlannedFile, type PlannedTensor, tensorBytes, tensorChunks } from "../export-plan.ts";

/** Maximum bytes of a file, somewhat below 2 GiB. */
const maxFileBytes = 2_000_000_000;

/** Alignment of external data, so that it can be mapped into memory. */
const pageBytes = 4096;

const elementTypes: Readonly<Record<string, number>> = { f32: 1, f16: 10 };

/** The files of a model. */
export interface StoredModel {
  readonly files: readonly PlannedFile[];
  /** Number of external data files. */
  readonly dataFiles: number;
}

/**
 * Lays out a graph and its weights as files.
 *
 * @param graph nodes, constants, ports
 * @param path of the model
 * @param max bytes per file
 */
export function storeModel(
  graph: MessageWriter,
  tensors: readonly PlannedTensor[],
  path: string,
  max: number = maxFileBytes,
): StoredModel {
  const fixed = graph.encode();
  const total = tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), fixed.length);
  if (total <= max) return { files: [wholeFile(fixed, tensors, path)], dataFiles: 0 };
  return besideFiles(graph, tensors, path, max);
}

/** A single file: the weights' bytes are streamed from their tensors, between the fixed bytes before each. */
function wholeFile(fixed: Uint8Array, tensors: readonly PlannedTensor[], path: string): PlannedFile {
  const entries = tensors.map((tensor) => {
    const bytes = tensorBytes(tensor);
    const inner = describe(tensor).opening(9, bytes).encode();
    return { tensor, bytes, opening: new MessageWriter().opening(5, inner.length + bytes).encode(), inner };
  });
  const graphBytes = entries.reduce(
    (sum, { opening, inner, bytes }) => sum + opening.length + inner.length + bytes,
    fixed.length,
  );
  const head = modelHead().opening(7, graphBytes).encode();
  const tail = modelTail().encode();
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    yield fixed;
    for (const { tensor, opening, inner } of entries) {
      yield opening;
      yield inner;
      yield* tensorChunks("onnx", tensor);
    }
    yield tail;
  };
  return { path, bytes: head.length + graphBytes + tail.length, chunks };
}

/** A graph that references external data, and the data files. */
function besideFiles(
  graph: MessageWriter,
  tensors: readonly PlannedTensor[],
  path: string,
  most: number,
): StoredModel {
  const data: { tensor: PlannedTensor; padding: number }[][] = [[]];
  const sizes = [0];
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    if ((sizes.at(-1) as number) > 0 && (sizes.at(-1) as number) + pageBytes + bytes > most) {
      data.push([]);
      sizes.push(0);
    }
    const at = data.length - 1;
    const filled = sizes[at] as number;
    const offset = Math.ceil(filled / pageBytes) * pageBytes;
    data[at]?.push({ tensor, padding: offset - filled });
    sizes[at] = offset + bytes;
    const name = dataName(path, at).replace(/^.*\//, "");
    const place = { location: name, offset: String(offset), length: String(bytes) };
    const entry = describe(tensor).integer(14, 1);
    for (const [key, value] of Object.entries(place)) {
      entry.message(13, new MessageWriter().text(1, key).text(2, value));
    }
    graph.message(5, entry);
  }
  const model = modelHead().message(7, graph).append(modelTail()).encode();
  const files = data.map((list, at): PlannedFile => {
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (const { tensor, padding } of list) {
        yield new Uint8Array(padding);
        yield* tensorChunks("onnx", tensor);
      }
    };
    return { path: dataName(path, at), bytes: sizes[at] as number, chunks };
  });
  return {
    files: [...files, { path, bytes: model.length, chunks: () => [model] }],
    dataFiles: files.length,
  };
}

function dataName(path: string, at: number): string {
  return `${path}_data${at === 0 ? "" : `_${at}`}`;
}

/** Shape, type and name of a tensor. */
function describe({ name, shape, type }: PlannedTensor): MessageWriter {
  const message = new MessageWriter();
  for (const axis of shape) message.integer(1, axis);
  return message.integer(2, elementTypes[type] as number).text(8, name);
}
