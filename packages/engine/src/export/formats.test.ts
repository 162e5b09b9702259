import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileBytes, tinyModel } from "../../../../test/support/tiny-model.ts";
import { TunewiseError } from "../problem/index.ts";
import { withTemplate } from "../tokenize/index.ts";
import { openSafetensors, writeAdapter } from "../weights/index.ts";
import type { ExportPlan } from "./export-plan.ts";
import { type ExportFormat, exportFormats, planExport } from "./formats.ts";
import { planMerged } from "./merged.ts";
import { safetensorsFiles } from "./safetensors-file.ts";
import { withTemplateFiles } from "./template-files.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-formats-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a plan to a new folder. */
async function written(name: string, plan: Pick<ExportPlan, "files">): Promise<string> {
  const place = mkdtempSync(join(folder, `${name}-`));
  for (const { path } of plan.files) writeFileSync(join(place, path), await fileBytes(plan, path));
  return place;
}

async function json(plan: ExportPlan, path: string): Promise<unknown> {
  return JSON.parse((await fileBytes(plan, path)).toString());
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (TunewiseError.is(error)) return `${error.code}: ${error.message} | ${error.fix}`;
    throw error;
  }
  return "no error";
}

describe.each(["llama", "mistral", "qwen2", "qwen3", "gemma2"])("%s", (family) => {
  it.each(exportFormats)("as %s has the sizes that were planned", async (format) => {
    const plan = planExport(tinyModel(family), { format, name: "tiny" });
    expect(plan.files.length).toBeGreaterThan(0);
    for (const { path, bytes } of plan.files) expect((await fileBytes(plan, path)).length).toBe(bytes);
  });
});

describe("types", () => {
  it.each<[ExportFormat, "f16" | "q8_0", string]>([
    ["peft", "f16", "--format peft supports f32, not f16."],
    ["mlx", "f16", "--format mlx supports f32, not f16."],
    ["gguf-adapter", "q8_0", "--format gguf-adapter supports f32, not q8_0."],
    ["merged", "q8_0", "--format merged supports f32, f16, bf16, not q8_0."],
    ["onnx", "q8_0", "--format onnx supports f32, f16, not q8_0."],
  ])("%s is not written as %s", (format, dtype, words) => {
    const request = { format, dtype, name: "tiny" };
    expect(refusal(() => planExport(tinyModel("llama"), request))).toContain(`EXPORT_TYPE_UNKNOWN: ${words}`);
  });

  it.each([
    ["F32", "f32"],
    ["F16", "f16"],
    ["BF16", "bf16"],
    ["Q4_K", "bf16"],
    ["Q8_0", "bf16"],
  ] as const)("of a base in %s are %s unless told", (stored, dtype) => {
    expect(planMerged({ ...tinyModel("llama"), stored }).dtype).toBe(dtype);
    expect(planExport({ ...tinyModel("llama"), stored }, { format: "gguf", name: "" }).dtype).toBe(dtype);
  });

  it("refuse a value beyond their largest while it is written", async () => {
    const model = { ...tinyModel("llama"), read: async () => new Float32Array(40 * 32).fill(1e6) };
    const failing = fileBytes(planMerged(model, "f16"), "model.safetensors");
    await expect(failing).rejects.toMatchObject({ code: "EXPORT_UNSUPPORTED" });
    await expect(failing).rejects.toThrow("has the value 1.000e+6, beyond the largest of f16");
  });
});

describe("a model whose every weight was trained", () => {
  const model = tinyModel("llama", {}, { adapter: false });

  it.each<[ExportFormat, string]>([
    ["peft", "merged"],
    ["mlx", "merged"],
    ["gguf-adapter", "gguf"],
  ])("is no %s", (format, other) => {
    expect(refusal(() => planExport(model, { format, name: "tiny" }))).toBe(
      `EXPORT_UNSUPPORTED: --format ${format} does not support this model: all of its weights were trained, so that ` +
        `there is no adapter. | export it with --format ${other}`,
    );
  });

  it.each<ExportFormat>(["merged", "gguf", "onnx"])("is a %s", (format) => {
    expect(planExport(model, { format, name: "tiny" }).files.length).toBeGreaterThan(0);
  });
});

describe("peft", () => {
  it("has the bytes that the run wrote", async () => {
    const model = tinyModel("llama", {}, { rslora: true, dropout: 0.1 });
    const adapter = model.adapter;
    if (!adapter) throw new Error("no adapter");
    await writeAdapter(join(folder, "run"), adapter.settings, adapter.tensors());
    const plan = planExport(model, { format: "peft", name: "tiny" });
    const { readFileSync } = await import("node:fs");
    for (const { path } of plan.files) {
      expect((await fileBytes(plan, path)).equals(readFileSync(join(folder, "run", path)))).toBe(true);
    }
    expect(plan.files.map(({ path }) => path).sort()).toEqual([
      "adapter_config.json",
      "adapter_model.safetensors",
    ]);
  });
});

describe("mlx", () => {
  it.each([
    [false, 4],
    [true, 8 / Math.sqrt(2)],
  ])("holds rank, scale, dropout and keys, with rsLoRA %s", async (rslora, scale) => {
    const plan = planExport(tinyModel("qwen3", {}, { rslora, dropout: 0.25 }), { format: "mlx", name: "" });
    expect(await json(plan, "adapter_config.json")).toEqual({
      fine_tune_type: "lora",
      model: "owner/name",
      num_layers: 2,
      lora_parameters: { rank: 2, scale, dropout: 0.25, keys: ["self_attn.q_proj", "mlp.down_proj"] },
    });
  });

  it("turns A and B", async () => {
    const place = await written("mlx", planExport(tinyModel("llama"), { format: "mlx", name: "" }));
    const weights = await openSafetensors(join(place, "adapters.safetensors"));
    const a = "model.layers.1.mlp.down_proj.lora_a";
    const b = "model.layers.1.mlp.down_proj.lora_b";
    expect(weights.weights.get(a)?.shape).toEqual([64, 2]);
    expect(weights.weights.get(b)?.shape).toEqual([2, 32]);
    // A [2, 64] and B [32, 2] count up from 1
    expect([...(await weights.read(a)).slice(0, 4)]).toEqual([1, 65, 2, 66]);
    expect([...(await weights.read(b)).slice(0, 3)]).toEqual([1, 3, 5]);
    await weights.close();
  });

  it("tells of windows that mlx-lm does not have", () => {
    const notes = (family: string, changes: object): readonly string[] =>
      planExport(tinyModel(family, { ...changes }), { format: "mlx", name: "" }).notes;
    expect(notes("mistral", { sliding_window: 7 })[0]).toContain("sliding window of 7 tokens");
    expect(notes("gemma2", { sliding_window: 7 })).toHaveLength(1);
    expect(notes("mistral", { sliding_window: null })).toEqual([]);
    expect(notes("llama", {})).toEqual([]);
  });
});

describe("merged", () => {
  it("is shards with an index where one file would be too large", async () => {
    const model = tinyModel("llama");
    const tensors = [...model.weights].map(([name, shape]) => ({
      name,
      shape,
      type: "bf16" as const,
      read: () => model.read(name),
    }));
    const files = safetensorsFiles("merged", "model", tensors, { format: "pt" }, 9_000);
    expect(files.map(({ path }) => path).slice(0, 2)).toEqual([
      "model-00001-of-00006.safetensors",
      "model-00002-of-00006.safetensors",
    ]);
    const place = await written("shards", { files });
    const weights = await openSafetensors(join(place, "model.safetensors.index.json"));
    expect([...weights.weights.keys()].sort()).toEqual([...model.weights.keys()].sort());
    for (const [name, shape] of model.weights) {
      expect(weights.weights.get(name)).toEqual({ name, shape, stored: "BF16" });
      const [found, expected] = [await weights.read(name), await model.read(name)];
      for (const [at, value] of found.entries()) expect(value).toBeCloseTo(expected[at] as number, 2);
    }
    await weights.close();
  });

  it("says what families leave to defaults, keeps fractions as such and drops what is no longer true", async () => {
    const changes = {
      final_logit_softcapping: 30,
      attn_logit_softcapping: 50,
      quantization_config: { bits: 4 },
      _name_or_path: "somewhere",
      torch_dtype: "float32",
      task_specific_params: [1, 2],
    };
    const text = (
      await fileBytes(planMerged(tinyModel("gemma2", changes), "bf16"), "config.json")
    ).toString();
    expect(text).toContain('"final_logit_softcapping": 30.0,');
    expect(text).toContain('"attn_logit_softcapping": 50.0,');
    expect(text).toContain('"rope_theta": 10000.0,');
    expect(JSON.parse(text)).toMatchObject({
      architectures: ["Gemma2ForCausalLM"],
      head_dim: 8,
      tie_word_embeddings: true,
      torch_dtype: "bfloat16",
      task_specific_params: [1, 2],
    });
    expect(text).not.toMatch(/quantization_config|_name_or_path/);
  });

  it("names the type where newer configurations have it", async () => {
    const plan = planMerged(tinyModel("qwen3", { dtype: "float32" }), "f16");
    expect(await json(plan, "config.json")).toMatchObject({ dtype: "float16" });
  });

  it.each([
    ["its own", { temperature: 0.6, eos_token_id: [2, 3] }, { temperature: 0.6, eos_token_id: [2, 3] }],
    ["what ends an answer", {}, { eos_token_id: [2, 3], bos_token_id: 1 }],
  ])("has as generation settings %s", async (_, generation, expected) => {
    const plan = planMerged({ ...tinyModel("llama", { bos_token_id: 1 }), generation });
    expect(await json(plan, "generation_config.json")).toEqual(expected);
  });

  it("keeps a chat template where the model keeps it", async () => {
    const model = tinyModel("llama");
    expect(planMerged(model).files.map(({ path }) => path)).not.toContain("chat_template.jinja");
    const apart = { ...model, tokenizer: { ...model.tokenizer, chatTemplate: "{{ messages }}!" } };
    expect((await fileBytes(planMerged(apart), "chat_template.jinja")).toString()).toBe("{{ messages }}!");
  });
});

describe("a chat template with variables", () => {
  const template = "{{ brief }}{{ messages[0].content }}";
  const model = tinyModel("llama");
  const own = withTemplate(model.tokenizer, { template, variables: { brief: true } });
  const templated = { ...model, tokenizer: own };
  const portable = `{%- set brief = true -%}${template}`;

  it("is written with their values", async () => {
    const merged = planMerged(templated);
    expect((await fileBytes(merged, "chat_template.jinja")).toString()).toBe(portable);
    expect(await json(merged, "tokenizer_config.json")).toMatchObject({ chat_template: portable });
    const gguf = planExport(templated, { format: "gguf", name: "tiny" });
    expect((await fileBytes(gguf, gguf.files[0]?.path ?? "")).includes(portable)).toBe(true);
  });

  it.each<[ExportFormat, readonly string[], number]>([
    ["peft", ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"], 0],
    ["mlx", ["chat_template.jinja"], 1],
    ["gguf-adapter", ["chat_template.jinja"], 1],
    ["merged", [], 0],
  ])("stands beside an adapter as %s", async (format, added, notes) => {
    const before = planExport(templated, { format, name: "tiny" });
    const plan = withTemplateFiles(before, format, own);
    expect(plan.files.map(({ path }) => path)).toEqual([...before.files.map(({ path }) => path), ...added]);
    expect(plan.notes).toHaveLength(before.notes.length + notes);
    if (added.length > 0) expect((await fileBytes(plan, "chat_template.jinja")).toString()).toBe(portable);
  });
});
