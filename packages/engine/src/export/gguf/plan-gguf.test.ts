import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileBytes, tinyModel } from "../../../../../test/support/tiny-model.ts";
import { readArchitecture } from "../../models/read-architecture.ts";
import { TunewiseError } from "../../problem/index.ts";
import { createTokenizer } from "../../tokenize/index.ts";
import { openGguf, openPositionedFile, readGgufHeader } from "../../weights/index.ts";
import type { ExportPlan } from "../export-plan.ts";
import { exportTypes } from "../formats.ts";
import type { TunedModel } from "../tuned-model.ts";
import { planGguf, planGgufAdapter } from "./plan-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-gguf-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(plan: ExportPlan): Promise<string> {
  const path = join(mkdtempSync(join(folder, "file-")), plan.files[0]?.path ?? "");
  writeFileSync(path, await fileBytes(plan, plan.files[0]?.path ?? ""));
  return path;
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (TunewiseError.is(error)) return `${error.code}: ${error.message} ${error.fix}`;
    throw error;
  }
  return "no error";
}

const llama3 = {
  rope_type: "llama3",
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};

/** The tiny model's chat template writes no turns. */
const noTemplate = expect.stringContaining("no template for Ollama");

describe("a model", () => {
  it.each<[string, string, object]>([
    ["llama", "llama", {}],
    [
      "llama of Llama 3",
      "llama",
      { rope_scaling: llama3, rope_theta: 500_000, hidden_size: 64, head_dim: 16 },
    ],
    ["llama with biases", "llama", { attention_bias: true, mlp_bias: true }],
    ["llama with linear scaling", "llama", { rope_scaling: { rope_type: "linear", factor: 4 } }],
    ["mistral", "mistral", { sliding_window: null }],
    ["qwen2", "qwen2", {}],
    [
      "qwen2 with yarn",
      "qwen2",
      { rope_scaling: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 16 } },
    ],
    [
      "qwen2 with yarn of its own bounds",
      "qwen2",
      { rope_scaling: { rope_type: "yarn", factor: 4, beta_fast: 20, beta_slow: 2 } },
    ],
    ["qwen3", "qwen3", {}],
    ["gemma2", "gemma2", { sliding_window: 16 }],
  ])("of %s is read back as it was", async (_, family, changes) => {
    const model = tinyModel(family, { ...changes });
    const read = await openGguf(await written(planGguf(model, "tiny", "f32")));
    const expected = { ...model.architecture, family: family === "mistral" ? "llama" : family };
    expect(readArchitecture(read.config)).toEqual(expected);
    expect([...read.weights.weights.keys()].sort()).toEqual([...model.weights.keys()].sort());
    for (const name of model.weights.keys()) {
      const [found, wanted] = [await read.weights.read(name), await model.read(name)];
      // 1 is added to Gemma's norms and subtracted again
      for (const [at, value] of found.entries()) expect(value).toBeCloseTo(wanted[at] as number, 6);
    }
    const [own, again] = [createTokenizer(model.tokenizer), createTokenizer(read.tokenizer)];
    expect(again.encode("abc ab,\nthe <end> of?")).toEqual(own.encode("abc ab,\nthe <end> of?"));
    expect([again.endIds, again.beginId, again.padId]).toEqual([own.endIds, own.beginId, own.padId]);
    expect(read.tokenizer.config).toMatchObject({ chat_template: "{{ messages }}", add_bos_token: false });
    await read.weights.close();
  });

  it.each(exportTypes)("in %s has its matrices so, and norms in f32", async (dtype) => {
    const path = await written(planGguf(tinyModel("qwen2"), "tiny", dtype));
    const file = await openPositionedFile(path);
    const { tensors, metadata } = await readGgufHeader(file);
    await file.close();
    const stored = { f32: "F32", f16: "F16", bf16: "BF16", q8_0: "Q8_0" }[dtype];
    for (const { name, shape, stored: found } of tensors) {
      expect(found, name).toBe(shape.length > 1 ? stored : "F32");
    }
    expect(metadata.get("general.file_type")).toBe({ f32: 0, f16: 1, bf16: 32, q8_0: 7 }[dtype]);
    expect(metadata.get("general.name")).toBe("tiny");
    expect(tensors.every(({ offset }) => offset % 32 === 0)).toBe(true);
  });

  it("with more rows than tokens has a filler for each", async () => {
    const read = await openGguf(await written(planGguf(tinyModel("llama", { vocab_size: 44 }), "", "f32")));
    const vocabulary = (read.tokenizer.tokenizer as { model: { vocab: Record<string, number> } }).model.vocab;
    expect(Object.entries(vocabulary).slice(-4)).toEqual([
      ["[PAD40]", 40],
      ["[PAD41]", 41],
      ["[PAD42]", 42],
      ["[PAD43]", 43],
    ]);
    await read.weights.close();
  });

  it("with a window that llama.cpp lacks states the window as its context", async () => {
    const plan = planGguf(tinyModel("mistral", { sliding_window: 9 }), "", "f32");
    expect(plan.notes).toEqual([
      "llama.cpp has no sliding window for mistral: the file states a context of 9 tokens, up to which both compute the same",
      noTemplate,
    ]);
    const read = await openGguf(await written(plan));
    expect(read.config["max_position_embeddings"]).toBe(9);
    await read.weights.close();
    expect(planGguf(tinyModel("mistral", { sliding_window: 4096 }), "", "f32").notes).toEqual([noTemplate]);
  });

  it("of Gemma 2 with a scale of its own carries it in the queries", async () => {
    const model = tinyModel("gemma2", { query_pre_attn_scalar: 2 });
    const read = await openGguf(await written(planGguf(model, "", "f32")));
    const name = "model.layers.0.self_attn.q_proj.weight";
    const [found, before] = [await read.weights.read(name), await model.read(name)];
    // 1/sqrt(2) instead of 1/sqrt(8): twice as large
    for (const [at, value] of found.entries()) expect(value).toBeCloseTo(2 * (before[at] as number), 5);
    await read.weights.close();
    expect(refusal(() => planGgufAdapter(model, ""))).toContain("only a merged file can make up for");
  });
});

describe("what llama.cpp computes otherwise", () => {
  it.each<[string, object, string]>([
    ["llama", { hidden_act: "gelu_pytorch_tanh" }, "does not compute the activation gelu-tanh"],
    ["qwen2", { mlp_bias: true }, "has no biases behind attention or in the MLP"],
    ["qwen3", { attention_bias: true }, "has no biases"],
    ["gemma2", { attention_bias: true }, "has no biases"],
    ["gemma2", { tie_word_embeddings: false }, "has no output matrix of its own"],
    ["gemma2", { attn_logit_softcapping: null }, "always caps scores and logits"],
    ["gemma2", { layer_types: ["full_attention", "sliding_attention"] }, "in every other layer"],
    ["qwen3", { rope_scaling: llama3 }, "does not know the RoPE scaling llama3"],
    [
      "qwen2",
      { rope_scaling: { rope_type: "yarn", factor: 4, attention_factor: 1.5 } },
      "attention factor 1.139 and no other",
    ],
    [
      "qwen2",
      { rope_scaling: { rope_type: "yarn", factor: 4, truncate: false } },
      "rounds the bounds of yarn to whole pairs",
    ],
  ])("%s with %j is refused", (family, changes, words) => {
    const text = refusal(() => planGguf(tinyModel(family, { ...changes }), "", "f32"));
    expect(text).toContain(
      `EXPORT_UNSUPPORTED: --format gguf does not support this model: llama.cpp's ${family}`,
    );
    expect(text).toContain(words);
    expect(text).toContain("export it with --format merged");
    expect(refusal(() => planGgufAdapter(tinyModel(family, { ...changes }), ""))).toContain("gguf-adapter");
  });

  it("rows that blocks do not divide are refused with their tensor and a type that works", () => {
    const model = tinyModel("llama", { intermediate_size: 48 });
    expect(refusal(() => planGguf(model, "", "q8_0"))).toBe(
      "EXPORT_UNSUPPORTED: --format gguf does not support this model: blk.0.ffn_down.weight has rows of 48 values, " +
        "which blocks of 32 (q8_0) do not divide. export it with --format gguf --dtype f16",
    );
    expect(refusal(() => planGguf(model, "", "f16"))).toBe("no error");
  });
});

describe("an adapter", () => {
  it.each([
    [false, 8],
    [true, 8 * Math.sqrt(2)],
  ])("with rsLoRA %s has its scale in alpha", async (rslora, alpha) => {
    const path = await written(planGgufAdapter(tinyModel("llama", {}, { rslora }), "tickets"));
    const file = await openPositionedFile(path);
    const { metadata, tensors } = await readGgufHeader(file);
    expect(Object.fromEntries(metadata)).toEqual({
      "general.architecture": "llama",
      "general.type": "adapter",
      "general.name": "tickets",
      "adapter.type": "lora",
      "adapter.lora.alpha": Math.fround(alpha),
    });
    expect(tensors.map(({ name, shape }) => `${name} [${shape}]`).slice(0, 4)).toEqual([
      "blk.0.attn_q.weight.lora_a [2,32]",
      "blk.0.attn_q.weight.lora_b [32,2]",
      "blk.0.ffn_down.weight.lora_a [2,64]",
      "blk.0.ffn_down.weight.lora_b [32,2]",
    ]);
    const b = tensors.find(({ name }) => name === "blk.0.attn_q.weight.lora_b");
    const values = new Float32Array((await file.read(b?.offset ?? 0, b?.bytes ?? 0)).buffer);
    // rows 0, 4, 1, 5 of the first head of 8: the two halves interleaved
    expect([...values.slice(0, 8)]).toEqual([0, 1, 8, 9, 2, 3, 10, 11]);
    await file.close();
  });
});

describe("tokenizers", () => {
  function withTokenizer(changes: object, model: object = {}): TunedModel {
    const tiny = tinyModel("llama");
    const json = tiny.tokenizer.tokenizer as { model: object };
    const tokenizer = { ...json, ...changes, model: { ...json.model, ...model } };
    return { ...tiny, tokenizer: { ...tiny.tokenizer, tokenizer } };
  }
  const fallback = { byte_fallback: true };

  it.each<[string, object, object, string]>([
    ["another normalizer", { normalizer: { type: "Lowercase" } }, {}, "its normalizer is Lowercase"],
    [
      "another way to cut",
      { pre_tokenizer: { type: "Split", pattern: { Regex: "\\w+" }, behavior: "Isolated", invert: false } },
      {},
      "cuts text unlike any of gpt-2, smollm, llama-bpe, qwen2, tekken",
    ],
    ["whole words taken first", {}, { ignore_merges: true }, "cuts text unlike any of"],
    [
      "a blank in front",
      { pre_tokenizer: { type: "ByteLevel", add_prefix_space: true, use_regex: true } },
      {},
      "cuts text unlike any of",
    ],
    ["sentencepiece without blanks", { pre_tokenizer: null }, fallback, "it prepares text by nothing"],
    [
      "sentencepiece with another normalizer",
      { pre_tokenizer: null, normalizer: { type: "NFKC" } },
      fallback,
      "it prepares text by NFKC",
    ],
    [
      "sentencepiece of other blanks",
      { pre_tokenizer: { type: "Metaspace", replacement: "_", prepend_scheme: "always" } },
      fallback,
      "its blanks are not those of sentencepiece",
    ],
  ])("with %s are refused", (_, changes, model, words) => {
    const text = refusal(() => planGguf(withTokenizer(changes, model), "", "f32"));
    expect(text).toContain("llama.cpp does not have its tokenizer");
    expect(text).toContain(words);
  });

  it("that bring texts into NFC first are told of", () => {
    const { notes } = planGguf(withTokenizer({ normalizer: { type: "NFC" } }), "", "f32");
    expect(notes).toEqual([
      "llama.cpp does not bring texts into NFC first: combining marks may become other tokens there",
      noTemplate,
    ]);
  });

  it("with particular tokens are told of", () => {
    const added = [{ id: 4, content: "a", special: false, single_word: true, normalized: false }];
    expect(planGguf(withTokenizer({ added_tokens: added }), "", "f32").notes).toEqual([
      "llama.cpp finds a anywhere in a text, whatever stands beside them; this tokenizer does not",
      noTemplate,
    ]);
  });
});
