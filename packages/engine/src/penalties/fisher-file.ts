/** @file Reads and writes Fisher information as a safetensors file with its provenance as metadata. */
import { problem } from "../problem/index.ts";
import {
  openSafetensors,
  parseJsonObject,
  type WeightFiles,
  type WritableEntry,
  writeTensorFile,
} from "../weights/index.ts";
import type { Fisher, FisherFacts, FisherTensor } from "./fisher.ts";

const factsKey = "tunewise_fisher";
const samplePrefix = "tunewise.sample/";
const [rowsSuffix, columnsSuffix] = [".rows", ".columns"];

/**
 * Writes Fisher information.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`
 */
export async function writeFisher(path: string, { facts, tensors, samples }: Fisher): Promise<void> {
  const entries: WritableEntry[] = [];
  const chunks: Uint8Array[] = [];
  const add = (entry: WritableEntry, data: Float32Array | Uint16Array): void => {
    entries.push(entry);
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  };
  for (const [name, tensor] of tensors) {
    if (tensor.kind === "full") add({ name, type: "BF16", shape: tensor.shape }, tensor.bits);
    else {
      add({ name: name + rowsSuffix, type: "F32", shape: [tensor.rows.length] }, tensor.rows);
      add({ name: name + columnsSuffix, type: "F32", shape: [tensor.columns.length] }, tensor.columns);
    }
  }
  for (const [name, sample] of samples) {
    add({ name: samplePrefix + name, type: "F32", shape: [sample.length] }, sample);
  }
  await writeTensorFile(path, entries, chunks, { format: "pt", [factsKey]: JSON.stringify(facts) });
}

/**
 * Reads Fisher information.
 *
 * @throws {TunewiseError} `FISHER_UNUSABLE` if the file holds none, and the errors of `openSafetensors`
 */
export async function readFisher(path: string): Promise<Fisher> {
  const files = await openSafetensors(path);
  try {
    const facts = readFacts(path, files);
    const tensors = new Map<string, FisherTensor>();
    const samples = new Map<string, Float32Array>();
    for (const [name, { shape, stored }] of files.weights) {
      if (name.startsWith(samplePrefix)) samples.set(name.slice(samplePrefix.length), await files.read(name));
      if (name.endsWith(columnsSuffix) || name.startsWith(samplePrefix)) continue;
      if (!name.endsWith(rowsSuffix)) {
        const weight = await files.readStored(name);
        if (weight?.stored !== "BF16") throw unusable(path, `${name} is stored as ${stored}`);
        tensors.set(name, { kind: "full", shape, bits: weight.bits });
        continue;
      }
      const whole = name.slice(0, -rowsSuffix.length);
      const [rows, columns] = [await files.read(name), await files.read(whole + columnsSuffix)];
      tensors.set(whole, { kind: "factored", shape: [rows.length, columns.length], rows, columns });
    }
    if (samples.size === 0) throw unusable(path, "it does not state the weights it was computed at");
    return { facts, tensors, samples };
  } finally {
    await files.close();
  }
}

function readFacts(path: string, files: WeightFiles): FisherFacts {
  const text = files.metadata.get(factsKey);
  if (text === undefined) throw unusable(path, "it does not state how it was computed");
  const facts = parseJsonObject(new TextEncoder().encode(text), path);
  const { estimator, storage, examples, tokens, modelKey, dataKey } = facts;
  const isKnown =
    (estimator === "empirical" || estimator === "sampled") &&
    (storage === "full" || storage === "factored") &&
    typeof examples === "number" &&
    typeof tokens === "number" &&
    typeof modelKey === "string" &&
    typeof dataKey === "string";
  if (!isKnown) throw unusable(path, "its metadata cannot be read");
  return { estimator, storage, examples, tokens, modelKey, dataKey };
}

function unusable(file: string, detail: string): Error {
  return problem("FISHER_UNUSABLE", { file, detail });
}
