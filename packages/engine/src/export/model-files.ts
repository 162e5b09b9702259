/** @file The small files beside the weights: configuration, generation settings, tokenizer, chat template. */

import { families } from "../families/index.ts";
import { portableTemplate, type TokenizerFiles } from "../tokenize/index.ts";
import { type Config, isJsonObject } from "../weights/index.ts";
import { jsonFile, type PlannedFile, textFile } from "./export-plan.ts";
import type { TunedModel } from "./tuned-model.ts";

/** Keys of a base's configuration that do not apply to the exported weights. */
const stale = ["quantization_config", "_name_or_path"];

/** Keys that transformers expects as floats: `4.0`, which JSON.stringify writes as `4`. */
const fractions: ReadonlySet<string> = new Set([
  "attn_logit_softcapping",
  "final_logit_softcapping",
  "rms_norm_eps",
  "initializer_range",
  "rope_theta",
  "factor",
  "low_freq_factor",
  "high_freq_factor",
]);

/** `config.json` as a file. */
export function configFile(config: Config): PlannedFile {
  const whole = /^(\s*"(\w+)": -?\d+)(,?)$/gm;
  const text = JSON.stringify(config, null, 2).replace(whole, (line, value, key, comma) =>
    fractions.has(key) ? `${value}.0${comma}` : line,
  );
  return textFile("config.json", `${text}\n`);
}

/**
 * `config.json` of the exported model.
 *
 * The family's default values are written out, because other programs have other defaults.
 *
 * @param dtype PyTorch name: `bfloat16`
 * @source huggingface/transformers src/transformers/configuration_utils.py (`dtype`, before version 5 `torch_dtype`)
 */
export function exportedConfig({ config, architecture }: TunedModel, dtype: string): Config {
  const kept = Object.entries(config).filter(([key]) => !stale.includes(key));
  return {
    architectures: [families[architecture.family].className],
    ...Object.fromEntries(kept),
    ...(architecture.norm === "rms" ? { head_dim: architecture.headWidth } : {}),
    tie_word_embeddings: architecture.tied,
    [config["dtype"] === undefined ? "torch_dtype" : "dtype"]: dtype,
  };
}

/** `generation_config.json`: the base's, or if it has none, the ids that end an answer. */
export function exportedGeneration({ generation, config, tokenizer }: TunedModel): Config {
  if (Object.keys(generation).length > 0) return generation;
  const ids = (key: string): Config => (typeof config[key] === "number" ? { [key]: config[key] } : {});
  const [first, ...more] = tokenizer.endIds;
  const end = more.length > 0 ? tokenizer.endIds : first;
  return {
    ...ids("bos_token_id"),
    ...(end === undefined ? {} : { eos_token_id: end }),
    ...ids("pad_token_id"),
  };
}

/** The generation settings, and the files of the tokenizer. */
export function textFiles(model: TunedModel): PlannedFile[] {
  return [jsonFile("generation_config.json", exportedGeneration(model)), ...tokenizerFiles(model.tokenizer)];
}

/**
 * Tokenizer, its settings and the chat template. The settings repeat the template, because transformers.js 4.3 reads it
 * only there.
 */
export function tokenizerFiles(files: TokenizerFiles): PlannedFile[] {
  const { tokenizer, config } = files;
  const chatTemplate = files.templateVariables ? portableTemplate(files) : files.chatTemplate;
  return [
    jsonFile("tokenizer.json", tokenizer),
    jsonFile("tokenizer_config.json", {
      ...(isJsonObject(config) ? config : {}),
      ...(chatTemplate === null ? {} : { chat_template: chatTemplate }),
    }),
    ...(chatTemplate === null ? [] : [textFile("chat_template.jinja", chatTemplate)]),
  ];
}
