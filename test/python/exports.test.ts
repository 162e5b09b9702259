/** Merged folders in transformers, adapters in mlx-lm, and GGUF types against the `gguf` package. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { mergedModel, planExport } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { afterAll, expect, test } from "vitest";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { type GoldenRow, goldenFolder, goldenModels, readJson } from "../conformance/golden-model.ts";
import { endedProgram } from "../support/ended-program.ts";
import { goldenTuned, smallTokenizer, writePlan } from "../support/golden-tuned.ts";
import { furthest, runPython, unpack } from "../support/peer.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
const mlxPython = process.env["TUNEWISE_MLX_PYTHON"] ?? "";
const folder = mkdtempSync(join(tmpdir(), "tunewise-exports-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** Rows that fit into a model's context. */
function rowsOf(name: string, most: number): number[][] {
  const rows = readJson<{ rows: GoldenRow[] }>(`${name}/golden.json`).rows.map(({ ids }) => ids);
  return rows.filter((ids) => ids.length <= most);
}

const greedy = { maxNewTokens: 8, temperature: 0, topP: 1, seed: 1, endIds: [2], batchSize: 1 };

test.skipIf(!python)("merged folders give transformers the logits and answers of the engine", async () => {
  const text = "the one";
  const tokenizer = createTokenizer(smallTokenizer());
  const jobs = goldenModels.map((name) => ({ folder: join(folder, name), tokens: 8, prompt: text }));
  const expected: { logits: Float32Array[]; answer: number[] | undefined }[] = [];
  const rows: number[][][] = [];
  for (const name of goldenModels) {
    const one = await goldenTuned(name);
    await writePlan(join(folder, name), planExport(one.tuned, { format: "merged", name }));
    const own = rowsOf(name, one.model.contextLength);
    rows.push(own);
    const adapter = one.model.loadAdapter(one.adapter.settings, one.adapter.tensors);
    const [answer] = await one.model.generate(adapter, [Int32Array.from(tokenizer.encode(text))], greedy);
    expected.push({ logits: await Promise.all(own.map((ids) => one.logits(ids))), answer });
    await one.close();
  }
  const judged = await runPython(
    python,
    "folder-logits.py",
    jobs.map((job, at) => ({ ...job, rows: rows[at] })),
  );
  for (const [at, name] of goldenModels.entries()) {
    const { rows: found = [], prompt, answer, dtype } = judged[at] ?? {};
    expect(dtype, name).toBe("torch.float32");
    for (const [row, logits] of (expected[at]?.logits ?? []).entries()) {
      expect(furthest(unpack(found[row]), logits), name).toBeLessThan(1e-4);
    }
    expect(prompt, name).toEqual(tokenizer.encode(text));
    expect(
      answer?.filter((id) => id !== 2),
      name,
    ).toEqual(expected[at]?.answer);
  }
});

test.skipIf(!python)("merged folders in 16 bits are loaded as such", async () => {
  const one = await goldenTuned("llama");
  const [ids = []] = rowsOf("llama", 128);
  const jobs = [];
  for (const dtype of ["f16", "bf16"] as const) {
    await writePlan(join(folder, dtype), planExport(one.tuned, { format: "merged", name: "", dtype }));
    jobs.push({ folder: join(folder, dtype), rows: [ids] });
  }
  const [half, brain] = await runPython(python, "folder-logits.py", jobs);
  const expected = await one.logits(ids);
  expect([half?.dtype, brain?.dtype]).toEqual(["torch.float16", "torch.bfloat16"]);
  expect(furthest(unpack(half?.rows[0]), expected)).toBeLessThan(2e-2);
  expect(furthest(unpack(brain?.rows[0]), expected)).toBeLessThan(2e-1);
  await one.close();
});

test.skipIf(!python)("GGUF types are those of the gguf package to the bit", async () => {
  const source = { cacheFolder: folder, fetch: null, endpoint: "", token: null, execute: null };
  const files = await resolveModel("models/small", "main", source);
  const tuned = mergedModel(files, null);
  const paths = [];
  for (const dtype of ["f32", "f16", "bf16", "q8_0"] as const) {
    await writePlan(folder, planExport(tuned, { format: "gguf", name: "small", dtype }));
    paths.push(join(folder, `model-${dtype}.gguf`));
  }
  await files.weights.close();
  const words = [resolve("bench/peers/gguf-types.py"), ...paths];
  const { status, stdout, stderr } = await endedProgram(python, words);
  expect(status, stderr).toBe(0);
  const matrices = 1 + 4 * 7;
  const found = { tensors: matrices + 1 + 4 * 2, different: [], keys: expect.any(Number) };
  expect(JSON.parse(stdout)).toEqual([
    { ...found, matrices: { F16: matrices } },
    { ...found, matrices: { BF16: matrices } },
    { ...found, matrices: { Q8_0: matrices } },
  ]);
});

/** mlx-lm applies longrope's factors only to long texts, and names the modules of GPT-2 and GPT-NeoX differently. */
const unfitForMlx: ReadonlySet<string> = new Set(["phi3-longrope", "gpt2", "gpt-neox", "gpt-neox-serial"]);

test.skipIf(!mlxPython)(
  "adapters give mlx-lm the logits of the engine, within a window it lacks",
  async () => {
    const jobs: { folder: string; adapter: string; rows: number[][] }[] = [];
    const expected: Float32Array[][] = [];
    const names = goldenModels.filter((name) => !unfitForMlx.has(name));
    for (const name of names) {
      const one = await goldenTuned(name, { config: "config.v4.json", rslora: name === "llama" });
      const place = join(folder, `mlx-${name}`);
      mkdirSync(place);
      cpSync(`${goldenFolder}${name}/model.safetensors`, join(place, "model.safetensors"));
      cpSync(`${goldenFolder}${name}/config.v4.json`, join(place, "config.json"));
      await writePlan(join(place, "adapter"), planExport(one.tuned, { format: "mlx", name }));
      const [window = 128] = one.tuned.architecture.windows.filter((size) => size !== null);
      const rows = rowsOf(name, one.model.contextLength).map((ids) => ids.slice(0, window));
      jobs.push({ folder: place, adapter: join(place, "adapter"), rows });
      expected.push(await Promise.all(rows.map((ids) => one.logits(ids))));
      await one.close();
    }
    const judged = await runPython(mlxPython, "mlx-logits.py", jobs);
    for (const [at, name] of names.entries()) {
      for (const [row, logits] of (expected[at] ?? []).entries()) {
        const most = name === "gemma3" ? 1e-3 : 1e-4; // mlx-lm rounds the embedding scale to bfloat16
        expect(furthest(unpack(judged[at]?.rows[row]), logits), name).toBeLessThan(most);
      }
    }
  },
);
