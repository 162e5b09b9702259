/**
 * @file `adapter_config.json`: written with every field that its loaders read, and read without ignoring any.
 *
 * @source huggingface/peft src/peft/tuners/lora/config.py; vllm-project/vllm vllm/lora/peft_helper.py;
 *   ggml-org/llama.cpp convert_lora_to_gguf.py
 */
import { problem } from "../problem/index.ts";
import { isJsonObject, type JsonObject } from "./json-file.ts";
import type { AdapterSettings } from "./model-files.ts";

/** Maximum rank of a low-rank adapter. */
const maximumRank = 65_536;

/** The content of `adapter_config.json`. Keys are sorted, so that equal settings produce equal bytes. */
export function adapterConfigJson(settings: AdapterSettings): Readonly<Record<string, unknown>> {
  return {
    alpha_pattern: {},
    base_model_name_or_path: settings.baseModel,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: settings.alpha,
    lora_dropout: settings.dropout,
    modules_to_save: null,
    peft_type: "LORA",
    r: settings.rank,
    rank_pattern: {},
    // PEFT requests this revision from the hub; a local base model has none.
    revision: settings.revision === "" ? null : settings.revision,
    target_modules: [...settings.targets].sort(),
    task_type: "CAUSAL_LM",
    use_dora: false,
    use_rslora: settings.rslora,
  };
}

/**
 * The settings in a parsed `adapter_config.json`.
 *
 * @param path named in errors
 * @param modules paths of the modules that the adapter has tensors for; they determine the targets, since the file
 *   may contain a pattern
 * @throws {TunewiseError} `ADAPTER_UNSUPPORTED` for another method or a variant of LoRA that changes the mathematics,
 *   `ADAPTER_DAMAGED` for values of the wrong type
 */
export function readAdapterSettings(
  path: string,
  config: JsonObject,
  modules: readonly string[],
): AdapterSettings {
  checkVariant(path, config);
  const dropout = config["lora_dropout"] ?? 0;
  const rank = config["r"];
  const alpha = config["lora_alpha"];
  if (!Number.isInteger(rank) || (rank as number) < 1 || (rank as number) > maximumRank) {
    throw damaged(path, `r is ${JSON.stringify(rank)} instead of a positive whole number`);
  }
  if (!isPositive(alpha)) throw damaged(path, `lora_alpha is ${JSON.stringify(alpha)}`);
  if (typeof dropout !== "number" || !(dropout >= 0 && dropout < 1)) {
    throw damaged(path, `lora_dropout is ${JSON.stringify(dropout)}`);
  }
  return {
    rank: rank as number,
    alpha,
    rslora: config["use_rslora"] === true,
    dropout,
    targets: [...new Set(modules.map((module) => module.slice(module.lastIndexOf(".") + 1)))].sort(),
    baseModel: textOf(config["base_model_name_or_path"]),
    revision: textOf(config["revision"]),
  };
}

/** Settings that must be off or empty. `fan_in_fan_out` is not one of them: it states how the base stores a matrix. */
const mustBeEmpty = `
  use_dora use_qalora lora_bias use_bdlora kasa_config modules_to_save rank_pattern alpha_pattern
  layer_replication target_parameters trainable_token_indices alora_invocation_tokens`;

/** Rejects settings with which the adapter would compute something other than x A B alpha / R. */
function checkVariant(path: string, config: JsonObject): void {
  if (config["peft_type"] !== "LORA") {
    throw unsupported(path, `peft_type is ${JSON.stringify(config["peft_type"])} instead of "LORA"`);
  }
  for (const key of mustBeEmpty.trim().split(/\s+/)) {
    if (!isEmpty(config[key])) throw unsupported(path, `${key} is ${JSON.stringify(config[key])}`);
  }
  const bias = config["bias"] ?? "none";
  if (bias !== "none") throw unsupported(path, `bias is ${JSON.stringify(bias)} instead of "none"`);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function unsupported(file: string, detail: string): Error {
  return problem("ADAPTER_UNSUPPORTED", { file, detail });
}

function damaged(file: string, detail: string): Error {
  return problem("ADAPTER_DAMAGED", { file, detail });
}
