/** @file The small golden models with a random adapter and a tokenizer for their 120 IDs: inputs of exports. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { xoshiro128From } from "@tunewise/core/math";
import {
  type ExportPlan,
  type LanguageModel,
  mergedModel,
  openModel,
  type TunedModel,
} from "@tunewise/engine";
import type { TokenizerFiles } from "@tunewise/engine/tokenize";
import type { AdapterFiles, ModelFiles } from "@tunewise/engine/weights";
import { createLora } from "../../packages/engine/src/adapters/lora.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { writeFileAtomically } from "../../packages/engine/src/weights/atomic-file.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { goldenFolder, readJson } from "../conformance/golden-model.ts";

/** A golden model with a simulated training result. */
export interface GoldenTuned {
  readonly files: ModelFiles;
  readonly adapter: AdapterFiles;
  readonly tuned: TunedModel;
  /** The engine's model: base with adapter, not merged. */
  readonly model: LanguageModel;
  logits(ids: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Settings of the adapter, and changes to `config.json`. */
export interface TunedOptions {
  readonly config?: string;
  readonly changes?: Readonly<Record<string, unknown>>;
  readonly rslora?: boolean;
  readonly targets?: "all-linear" | readonly string[];
}

/** A golden model with a random adapter that changes its logits. */
export async function goldenTuned(name: string, options: TunedOptions = {}): Promise<GoldenTuned> {
  const { config: file = "config.json", changes = {}, rslora = false, targets = "all-linear" } = options;
  const config = { ...readJson<Record<string, unknown>>(`${name}/${file}`), ...changes };
  const weights = await openSafetensors(`${goldenFolder}${name}/model.safetensors`);
  const provenance = { source: name, revision: "golden", origin: "golden" };
  const files = { ...provenance, config, tokenizer: smallTokenizer(), weights };
  const settings = { rank: 4, alpha: 8, rslora, dropout: 0, baseModel: name, revision: "" };
  const lora = createLora(readArchitecture(config), { ...settings, targets }, 11);
  const random = xoshiro128From(12);
  for (const { name: tensor, data } of lora.tensors()) {
    if (!tensor.includes("lora_B")) continue;
    for (let i = 0; i < data.length; i++) data[i] = 0.4 * (2 * random() - 1);
  }
  const adapter = { settings: lora.settings, tensors: lora.tensors() };
  const model = await openModel(files, { threads: 1 });
  const own = model.loadAdapter(adapter.settings, adapter.tensors);
  return {
    files,
    adapter,
    tuned: mergedModel(files, adapter),
    model,
    logits: (ids) => model.logits(own, Int32Array.from(ids)),
    close: async () => {
      await model.close();
      await weights.close();
    },
  };
}

/** Writes an export's files into a folder. */
export async function writePlan(folder: string, { files }: ExportPlan): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const file of files) await writeFileAtomically(join(folder, file.path), file.chunks());
}

/** A byte-level tokenizer of 120 tokens: three special tokens, printable ASCII, space, newline, and a few merges. */
export function smallTokenizer(): TokenizerFiles {
  const special = ["<pad>", "<bos>", "<eos>"];
  const letters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const pairs = "th he in er an on at en nd or es te of ed is it al ar st to Ġt".split(" ");
  const tokens = [...special, ...letters, "Ġ", "Ċ", ...pairs];
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: special.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: pairs.map((pair) => [pair.slice(0, 1), pair.slice(1)]),
      },
    },
    config: {
      bos_token: "<bos>",
      eos_token: "<eos>",
      pad_token: "<pad>",
      tokenizer_class: "PreTrainedTokenizerFast",
      chat_template: "{% for message in messages %}{{ message['content'] }}{% endfor %}",
    },
    chatTemplate: null,
    endIds: [2],
  };
}
