/**
 * @file LoRA adapters in PEFT's folder format: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @source huggingface/peft src/peft/utils/save_and_load.py, src/peft/tuners/lora/config.py (0.21)
 */
import { join } from "node:path";
import { problem } from "../problem/index.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { readJsonFile } from "./json-file.ts";
import { maximumConfigBytes } from "./limits.ts";
import type { AdapterSettings, AdapterTensor, WeightFiles } from "./model-files.ts";
import { adapterConfigJson, readAdapterSettings } from "./peft-config.ts";
import { openSafetensors } from "./safetensors/safetensors.ts";
import { writeSafetensors } from "./safetensors/write.ts";

/** Name of the configuration in an adapter folder. */
const configName = "adapter_config.json";
/** Name of the weights in an adapter folder. */
const weightsName = "adapter_model.safetensors";

/** An adapter read from disk. */
export interface AdapterFiles {
  readonly settings: AdapterSettings;
  readonly tensors: readonly AdapterTensor[];
}

/**
 * Writes an adapter folder that PEFT, vLLM and llama.cpp can load. Each file is replaced atomically, the weights
 * first.
 *
 * @param folder created if needed
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`
 * @example await writeAdapter("runs/tickets/adapter", settings, adapter.tensors())
 */
export async function writeAdapter(
  folder: string,
  settings: AdapterSettings,
  tensors: readonly AdapterTensor[],
): Promise<void> {
  await writeSafetensors(join(folder, weightsName), tensors, { format: "pt" });
  const text = new TextEncoder().encode(`${JSON.stringify(adapterConfigJson(settings), null, 2)}\n`);
  await writeFileAtomically(join(folder, configName), [text]);
}

/**
 * Reads an adapter folder and checks names, ranks and shapes.
 *
 * @throws {TunewiseError} `ADAPTER_UNSUPPORTED` for adapters other than plain LoRA, `ADAPTER_DAMAGED` if
 *   configuration and weights disagree, and the errors of `openSafetensors`
 * @example const { settings, tensors } = await readAdapter("runs/tickets/adapter")
 */
export async function readAdapter(folder: string): Promise<AdapterFiles> {
  const configPath = join(folder, configName);
  const config = await readJsonFile(configPath, maximumConfigBytes);
  const weightsPath = join(folder, weightsName);
  const weights = await openSafetensors(weightsPath);
  try {
    const modules = checkTensors(weightsPath, weights);
    const settings = readAdapterSettings(configPath, config, [...modules.keys()]);
    checkRanks(weightsPath, modules, settings.rank);
    const tensors: AdapterTensor[] = [];
    for (const { name, shape } of weights.weights.values()) {
      tensors.push({ name, shape, data: await weights.read(name) });
    }
    return { settings, tensors };
  } finally {
    await weights.close();
  }
}

/** Rank of A and of B, by path of their module. */
type Ranks = Map<string, { a: number | undefined; b: number | undefined }>;

const tensorName = /^base_model\.model\.([\w.]+)\.lora_([AB])\.weight$/;

function checkTensors(path: string, weights: WeightFiles): Ranks {
  const ranks: Ranks = new Map();
  for (const { name, shape } of weights.weights.values()) {
    const match = tensorName.exec(name);
    if (match?.[1] === undefined) {
      const detail = `it contains ${name}; only lora_A and lora_B of linear layers are supported`;
      throw problem("ADAPTER_UNSUPPORTED", { file: path, detail });
    }
    if (shape.length !== 2 || shape.some((axis) => axis < 1)) {
      throw damaged(path, `${name} has shape [${shape.join(", ")}] instead of two axes`);
    }
    const pair = ranks.get(match[1]) ?? { a: undefined, b: undefined };
    if (match[2] === "A") pair.a = shape[0];
    else pair.b = shape[1];
    ranks.set(match[1], pair);
  }
  if (ranks.size === 0) throw damaged(path, "it contains no tensor");
  return ranks;
}

function checkRanks(path: string, ranks: Ranks, rank: number): void {
  for (const [module, { a, b }] of ranks) {
    if (a === undefined || b === undefined) {
      throw damaged(path, `${module} has no lora_${a === undefined ? "A" : "B"}.weight`);
    }
    if (a !== rank || b !== rank) {
      throw damaged(path, `${module} has rank ${a} in A and ${b} in B, but the configuration says ${rank}`);
    }
  }
}

function damaged(file: string, detail: string): Error {
  return problem("ADAPTER_DAMAGED", { file, detail });
}
