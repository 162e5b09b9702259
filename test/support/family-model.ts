/** @file The small model in the form of other families, each with a chat template of its own. */

import { xoshiro128From } from "@tunewise/core/math";
import type { TokenizerFiles } from "@tunewise/engine/tokenize";
import type { ModelFiles } from "@tunewise/engine/weights";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";

/** Output widths of the projections that have biases in Qwen2. */
const width = { q_proj: 96, k_proj: 48, v_proj: 48 };

/** Families with the shapes of the small model. */
export type SmallFamily = "llama" | "qwen2" | "mistral" | "qwen3";

const toolLine =
  "{% if tools %}{{ '<|im_start|>system\\nTools: ' + (tools | tojson) + '<|fin|>\\n' }}{% endif %}";

const turns = (end: string): string =>
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + (message['content'] or '') }}" +
  `{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}{{ '${end}\\n' }}{% endfor %}` +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const bracketTurns =
  "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}" +
  "{{ ' ' + message['content'] + '<|fin|>' }}{% else %}{{ '[INST] ' + message['content'] | trim + ' [/INST]' }}" +
  "{% endif %}{% endfor %}";

/** `null`: the small model's own ChatML. */
const templates: Readonly<Record<SmallFamily, string | null>> = {
  llama: null,
  qwen2: toolLine + turns("<|fin|>"),
  mistral: bracketTurns,
  qwen3: `{{ bos_token }}${turns("<|fin|>")}`,
};

/** The files of the small model as a model of a family. The caller closes its weights. */
export async function familyModel(family: SmallFamily, cacheFolder: string): Promise<ModelFiles> {
  const source = { cacheFolder, fetch: null, endpoint: "", token: null, execute: null };
  const files = await resolveModel("models/small", "main", source);
  const added = new Map<string, Float32Array>();
  const random = xoshiro128From(5);
  const values = (length: number, base: number): Float32Array =>
    Float32Array.from({ length }, () => base + 0.2 * (random() - 0.5));
  for (let layer = 0; layer < 4; layer++) {
    const stem = `model.layers.${layer}.self_attn.`;
    if (family === "qwen2") {
      for (const [name, length] of Object.entries(width)) added.set(`${stem}${name}.bias`, values(length, 0));
    }
    if (family === "qwen3")
      for (const name of ["q_norm", "k_norm"]) added.set(`${stem}${name}.weight`, values(24, 1));
  }
  return {
    source: family,
    revision: "test",
    origin: "test",
    config: {
      ...files.config,
      model_type: family,
      architectures: undefined,
      sliding_window: null,
      head_dim: 24,
    },
    ...(files.generation && { generation: files.generation }),
    tokenizer:
      templates[family] === null ? files.tokenizer : withTemplate(files.tokenizer, templates[family]),
    weights: {
      ...files.weights,
      weights: new Map([
        ...files.weights.weights,
        ...[...added].map(([name, data]) => {
          const about = { name, shape: [data.length], stored: "F32" as const };
          return [name, about] as const;
        }),
      ]),
      read: async (name) => added.get(name)?.slice() ?? files.weights.read(name),
      close: () => files.weights.close(),
    },
  };
}

/** The tokenizer with `<|im_end|>` renamed to `<|fin|>`, which no program knows by its name, and a template. */
function withTemplate(files: TokenizerFiles, template: string): TokenizerFiles {
  const rename = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll("<|im_end|>", "<|fin|>"));
  const { chat_template: _, ...config } = rename(files.config) as Record<string, unknown>;
  return { ...files, tokenizer: rename(files.tokenizer), config, chatTemplate: template };
}

/** Faults of exports, by the kind under which `model verify` must name them. */
export const plantedFaults = ["template", "bos", "stop", "rope", "vocabulary"] as const;
export type PlantedFault = (typeof plantedFaults)[number];

/** A model with a fault, to be exported. */
export function withFault(files: ModelFiles, fault: PlantedFault): ModelFiles {
  const config = files.tokenizer.config as Record<string, unknown>;
  const template = files.tokenizer.chatTemplate ?? String(config["chat_template"]);
  const withOther = (chatTemplate: string): ModelFiles => {
    return { ...files, tokenizer: { ...files.tokenizer, chatTemplate } };
  };
  switch (fault) {
    case "template":
      return withOther(
        "{% for message in messages %}{{ message.role + ': ' + message.content + '\\n' }}{% endfor %}",
      );
    case "bos":
      return withOther(`{{ bos_token }}${template}`);
    case "stop":
      return {
        ...files,
        generation: { eos_token_id: 0 },
        config: { ...files.config, eos_token_id: 0 },
        tokenizer: {
          ...files.tokenizer,
          endIds: [0],
          config: { ...config, eos_token: "<|endoftext|>", chat_template: template },
        },
      };
    case "rope":
      return {
        ...files,
        config: { ...files.config, rope_theta: Number(files.config["rope_theta"] ?? 1e4) * 100 },
      };
    case "vocabulary":
      return {
        ...files,
        tokenizer: { ...files.tokenizer, tokenizer: withSwappedTokens(files.tokenizer.tokenizer) },
      };
  }
}

/** The tokenizer with the ids of two common letters swapped. */
function withSwappedTokens(tokenizer: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(tokenizer)) as { model: { vocab: Record<string, number> } };
  const { vocab } = copy.model;
  const [first, second] = [vocab["e"] as number, vocab["a"] as number];
  vocab["e"] = second;
  vocab["a"] = first;
  return copy;
}
