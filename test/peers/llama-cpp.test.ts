/** GGUF files in llama.cpp: probabilities and answers as in the engine, and the tokenizer's IDs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergedModel, openModel, planExport } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { afterAll, describe, expect, test } from "vitest";
import { ggufFile } from "../../packages/engine/src/export/gguf/gguf-file.ts";
import { llamaCppView } from "../../packages/engine/src/export/gguf/llama-cpp.ts";
import { modelFields } from "../../packages/engine/src/export/gguf/plan-gguf.ts";
import { vocabularyFields } from "../../packages/engine/src/export/gguf/vocabulary.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { type GoldenRow, goldenModels, isUnfitForGguf, readJson } from "../conformance/golden-model.ts";
import { goldenTuned, writePlan } from "../support/golden-tuned.ts";
import { furthestLog, runNode } from "../support/peer.ts";

const peers = process.env["TUNEWISE_LLAMA_CPP"] ?? "";
const folder = mkdtempSync(join(tmpdir(), "tunewise-llama-cpp-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Judged {
  readonly rows: readonly (readonly Readonly<Record<string, number>>[])[];
  readonly answers: readonly (readonly number[])[];
  readonly ids: readonly (readonly number[])[];
  readonly chatTemplate: string;
}

async function judge(job: object): Promise<Judged> {
  return (await runNode(peers, "llama-cpp", job)) as Judged;
}

/** Maximum difference in log probability over the first tokens of each row. */
function distance({ rows }: Judged, expected: readonly Float32Array[]): number {
  const distances = rows.flatMap((row, at) => {
    const logits = expected[at] as Float32Array;
    const width = logits.length / row.length;
    return row.map((one, token) => furthestLog(one, logits.subarray(token * width, (token + 1) * width)));
  });
  return Math.max(...distances);
}

// llama.cpp computes GELU with a float16 lookup table
const limits: Readonly<Record<string, number>> = { gemma2: 5e-3 };

describe.skipIf(!peers).each(goldenModels.filter((name) => !isUnfitForGguf(name)))("%s", (name) => {
  test("merged, and as an adapter beside its base", async () => {
    const one = await goldenTuned(name, { rslora: name === "qwen2" });
    const place = join(folder, name);
    await writePlan(place, planExport(one.tuned, { format: "gguf", name, dtype: "f32" }));
    // where llama.cpp ignores the attention window, the results agree up to its length
    const [window = null] =
      name === "gemma2" ? [] : one.tuned.architecture.windows.filter((size) => size !== null);
    const most = Math.min(window ?? one.model.contextLength, one.model.contextLength);
    const ids = readJson<{ rows: GoldenRow[] }>(`${name}/golden.json`).rows.map((row) =>
      row.ids.slice(0, most),
    );
    const expected = await Promise.all(ids.map((row) => one.logits(row)));
    const adapter = one.model.loadAdapter(one.adapter.settings, one.adapter.tensors);
    const [prompt = []] = ids.map((row) => row.slice(0, 3));
    const [answer] = await one.model.generate(adapter, [Int32Array.from(prompt)], {
      maxNewTokens: Math.min(8, most - 3),
      temperature: 0,
      topP: 1,
      seed: 1,
      endIds: [],
      batchSize: 1,
    });
    const job = { rows: ids, prompts: [{ ids: prompt, tokens: answer?.length ?? 0 }] };
    const limit = limits[name] ?? 5e-5;
    const merged = await judge({ ...job, model: join(place, "model-f32.gguf") });
    expect(distance(merged, expected)).toBeLessThan(limit);
    expect(merged.answers[0]).toEqual(answer?.slice(0, merged.answers[0]?.length));
    if (name !== "gemma2") {
      const base = planExport(mergedModel(one.files, null), { format: "gguf", name, dtype: "f32" });
      await writePlan(join(place, "base"), base);
      await writePlan(place, planExport(one.tuned, { format: "gguf-adapter", name }));
      const files = { model: join(place, "base/model-f32.gguf"), adapter: join(place, "adapter.gguf") };
      expect(distance(await judge({ ...job, ...files }), expected)).toBeLessThan(limit);
    }
    await one.close();
  });
});

test.skipIf(!peers)("an adapter of Gemma 2 with its usual scale", async () => {
  const one = await goldenTuned("gemma2", { changes: { query_pre_attn_scalar: 12 } });
  const ids = readJson<{ rows: GoldenRow[] }>("gemma2/golden.json").rows.map((row) => row.ids);
  const place = join(folder, "gemma2-usual");
  const base = planExport(mergedModel(one.files, null), { format: "gguf", name: "", dtype: "f32" });
  await writePlan(place, base);
  await writePlan(place, planExport(one.tuned, { format: "gguf-adapter", name: "" }));
  const judged = await judge({
    model: join(place, "model-f32.gguf"),
    adapter: join(place, "adapter.gguf"),
    rows: ids,
  });
  expect(distance(judged, await Promise.all(ids.map((row) => one.logits(row))))).toBeLessThan(5e-3);
  await one.close();
});

describe.skipIf(!peers)("the small model", () => {
  const source = { cacheFolder: folder, fetch: null, endpoint: "", token: null, execute: null };

  // llama.cpp rounds the inputs of quantized and 16-bit matrix products to the matrix's type
  test.each([
    ["f32", 1e-3],
    ["f16", 2e-2],
    ["bf16", 1e-1],
    ["q8_0", 0.5],
  ] as const)("in %s answers a chat as the engine does", async (dtype, limit) => {
    const files = await resolveModel("models/small", "main", source);
    const plan = planExport(mergedModel(files, null), { format: "gguf", name: "small", dtype });
    await writePlan(join(folder, dtype), plan);
    const path = join(folder, dtype, `model-${dtype}.gguf`);
    const again = await resolveModel(path, "main", source);
    const tokenizer = createTokenizer(files.tokenizer);
    const text = tokenizer.render(
      { messages: [{ role: "user", content: "The scanner does not start." }] },
      { addGenerationPrompt: true },
    );
    const prompt = tokenizer.encode(text, { addSpecialTokens: false });
    const model = await openModel(again, { threads: 1 });
    const logits = await model.logits(null, Int32Array.from(prompt));
    const judged = await judge({ model: path, rows: [prompt], texts: [text] });
    expect(judged.ids[0]).toEqual(prompt);
    expect(distance(judged, [logits])).toBeLessThan(limit);
    expect(judged.chatTemplate).toBe((files.tokenizer.config as { chat_template: string }).chat_template);
    await model.close();
    await again.weights.close();
    await files.weights.close();
  });
});

describe.skipIf(!peers)("tokenizers", () => {
  const golden = new URL("../conformance/golden/tokenizer/", import.meta.url);
  const names = readdirSync(golden).filter((name) => /^(gemma|llama|qwen|smollm)/.test(name));
  // Combining characters (joined by NFC), and artificial golden tokens that are whole words or swallow spaces.
  const apart = /[\u0300-\u036f\u3099]|word|<mask>/u;

  test.each(names)("%s", async (name) => {
    const { tokenizer, config, texts } = JSON.parse(readFileSync(new URL(name, golden), "utf8")) as {
      tokenizer: unknown;
      config: unknown;
      texts: [string, number[], number[]][];
    };
    const files = { tokenizer, config, chatTemplate: null, endIds: [] };
    const rows = createTokenizer(files).vocabularySize;
    const model = readArchitecture({ ...readJson<object>("llama/config.json"), vocab_size: rows });
    const fields = {
      ...modelFields(model, llamaCppView(model, "gguf"), name, "f32"),
      ...vocabularyFields(files, rows).fields,
    };
    const file = ggufFile("gguf", `${name}.gguf`, fields, []);
    await writePlan(folder, { files: [file], dtype: "f32", notes: [] });
    const chosen = name.startsWith("qwen") ? texts.filter(([text]) => !apart.test(text)) : texts;
    expect(chosen.length).toBeGreaterThanOrEqual(100);
    const { ids } = await judge({ model: join(folder, `${name}.gguf`), texts: chosen.map(([text]) => text) });
    expect(ids).toEqual(chosen.map(([, , bare]) => bare));
  });
});
