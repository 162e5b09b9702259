/** @file Opens a GGUF file as weights under Hugging Face names, with configuration and tokenizer. */

import { type FamilyName, families, familyOfGguf } from "../../families/index.ts";
import { problem } from "../../problem/index.ts";
import type { TokenizerFiles } from "../../tokenize/index.ts";
import { checkConfigNumbers } from "../config-ranges.ts";
import type { WeightFiles, WeightInfo } from "../model-files.ts";
import { closedOnError, damagedFile, openPositionedFile, type PositionedFile } from "../positioned-file.ts";
import { weightFiles } from "../weight-files.ts";
import { ggufConfig } from "./config.ts";
import { dequantize } from "./dequantize.ts";
import { type GgufTensor, readGgufHeader } from "./header.ts";
import { type GgufMetadata, numberOf, sizeOf, textOf } from "./metadata.ts";
import { type Conversion, conversionOf, convertWeight, huggingFaceName } from "./names.ts";
import { ggufTokenizer } from "./tokenizer.ts";

/** Content of a GGUF file. */
interface GgufModel {
  /** The equivalent of `config.json`, in its keys. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: TokenizerFiles;
  readonly weights: WeightFiles;
}

/**
 * Opens a GGUF file; weights are dequantized when read.
 *
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_FILE_DAMAGED`, `MODEL_FILE_LIMIT`, `MODEL_GGUF_UNSUPPORTED`,
 *   `MODEL_WEIGHT_TYPE_UNSUPPORTED`, `MODEL_TOKENIZER_UNSUPPORTED`, `MODEL_CONFIG_INVALID`
 * @example const { config, weights } = await openGguf("SmolLM2-135M-Instruct.Q4_1.gguf")
 */
export async function openGguf(path: string): Promise<GgufModel> {
  const file = await openPositionedFile(path);
  return closedOnError(file, async () => {
    const { metadata: values, tensors } = await readGgufHeader(file);
    const metadata = { path, values };
    const family = readFamily(metadata);
    const ropeFactors = await readRopeFactors(file, tensors);
    const model = {
      config: ggufConfig(metadata, family, tensors, ropeFactors),
      tokenizer: ggufTokenizer(metadata, family),
      weights: ggufWeights(file, metadata, family, tensors),
    };
    checkConfigNumbers(model.config);
    return model;
  });
}

function readFamily(metadata: GgufMetadata): FamilyName {
  const { path: file } = metadata;
  if ((numberOf(metadata, "split.count") ?? 1) > 1) {
    const detail = "it is one part of a model split over several files";
    const fix = "Join the parts: llama-gguf-split --merge";
    throw problem("MODEL_GGUF_UNSUPPORTED", { file, detail, fix });
  }
  const name = textOf(metadata, "general.architecture");
  const family = familyOfGguf(name);
  if (family !== null) return family;
  const known = Object.values(families).flatMap(({ gguf }) => (gguf === null ? [] : [gguf.read]));
  const detail = `its architecture is ${name ?? "not stated"}`;
  const fix = `Choose a model of one of the architectures ${known.join(", ")}`;
  throw problem("MODEL_GGUF_UNSUPPORTED", { file, detail, fix });
}

/** Factors on Llama 3's rotary wavelengths, `[E / 2]`; `null` if the file has none. */
async function readRopeFactors(
  file: PositionedFile,
  tensors: readonly GgufTensor[],
): Promise<Float32Array | null> {
  const factors = tensors.find((tensor) => tensor.name === "rope_freqs.weight");
  if (factors === undefined) return null;
  return dequantize(factors.stored, await file.read(factors.offset, factors.bytes));
}

function ggufWeights(
  file: PositionedFile,
  metadata: GgufMetadata,
  family: FamilyName,
  tensors: readonly GgufTensor[],
): WeightFiles {
  const stem = `${families[family].gguf?.read}.attention.head_count`;
  const query = sizeOf(metadata, stem);
  const key = numberOf(metadata, `${stem}_kv`) ?? query;
  const weights = new Map<string, WeightInfo>();
  const places = new Map<string, { tensor: GgufTensor; undo: Conversion }>();
  for (const tensor of tensors) {
    const name = huggingFaceName(tensor.name, family);
    if (name === null) continue;
    const undo = conversionOf(name, family, { query, key });
    const rows = tensor.shape[0] ?? 1;
    if (undo.kind === "permutation" && rows % (2 * undo.heads) !== 0) {
      const detail = `${tensor.name} has ${rows} rows, not a multiple of twice its ${undo.heads} heads`;
      throw damagedFile(metadata.path, detail);
    }
    weights.set(name, { name, shape: tensor.shape, stored: tensor.stored });
    places.set(name, { tensor, undo });
  }
  return weightFiles(weights, [file], async (info) => {
    const place = places.get(info.name);
    if (place === undefined) throw new Error(`Internal: no place for ${info.name}`);
    const { tensor, undo } = place;
    const values = dequantize(tensor.stored, await file.read(tensor.offset, tensor.bytes));
    return convertWeight(values, tensor.shape[0] ?? 1, undo, "undo");
  });
}
