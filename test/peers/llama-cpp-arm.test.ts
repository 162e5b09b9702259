/** Arms of `model: local`: a GGUF file answered by llama.cpp, compared with the engine on the same weights. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { mergedModel, openModel, planExport } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { beforeAll, expect, test } from "vitest";
import { openLlamaModel } from "../../packages/tunewise/src/app/baselines/llama-cpp.ts";
import { runTry } from "../../packages/tunewise/src/app/baselines/run-try.ts";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/load-recipe.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { writePlan } from "../support/golden-tuned.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const peers = process.env["TUNEWISE_LLAMA_CPP"] ?? "";
const folder = temporaryFolder();
const file = join(folder, "model-f32.gguf");
const source = { cacheFolder: folder, fetch: null, endpoint: "", token: null, execute: null };
const options = { threads: 1, environment: { TUNEWISE_LLAMA_CPP: peers } };
const signal = new AbortController().signal;

beforeAll(async () => {
  const files = await resolveModel("models/small", "main", source);
  await writePlan(
    folder,
    planExport(mergedModel(files, null), { format: "gguf", name: "small", dtype: "f32" }),
  );
  await files.weights.close();
});

test.skipIf(!peers)("answers word for word as the engine does, through the same template", async () => {
  const files = await resolveModel(file, "main", source);
  const tokenizer = createTokenizer(files.tokenizer);
  const model = await openModel(files, { threads: 1 });
  const llama = await openLlamaModel(file, options);
  const messages = [{ role: "user", content: "The scanner does not start." }] as const;
  const text = llama.tokenizer.render({ messages }, { addGenerationPrompt: true });
  expect(text).toBe(tokenizer.render({ messages }, { addGenerationPrompt: true }));
  const prompt = Int32Array.from(llama.tokenizer.encode(text));
  expect([...prompt]).toEqual(tokenizer.encode(text, { addSpecialTokens: false }));
  const [ids = []] = await model.generate(null, [prompt], {
    maxNewTokens: 12,
    temperature: 0,
    topP: 1,
    seed: 1,
    endIds: tokenizer.endIds,
    batchSize: 1,
  });
  const answer = await llama.answer(prompt, 12, signal);
  expect(answer).toEqual({
    text: tokenizer.decode(ids, { skipSpecialTokens: true }).trim(),
    answerTokens: ids.length,
  });
  expect(await llama.answer(prompt, 12, signal)).toEqual(answer); // no state of the first answer remains
  await expect(
    llama.answer(prompt, 12, AbortSignal.abort(new DOMException("stop", "AbortError"))),
  ).rejects.toThrow("stop");
  await llama.close();
  await model.close();
  await files.weights.close();
});

test.skipIf(!peers)("a try asks it, counts its tokens and its time", async () => {
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  writeFileSync(
    join(folder, "tunewise.yaml"),
    `name: tickets
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 256
  rows: { train: 32, validation: 4, test: 6 }
  bad_rows: skip
task: { kind: json, metrics: [json_match] }
evaluation: { max_new_tokens: 8, rows: 4, base: false, memorization: 0 }
forgetting: { measure: false }
machine: { usd_per_hour: 0.5, threads: 1 }
comparison:
  - { model: local, file: ./model-f32.gguf, examples: 1 }
  - { model: base, examples: 1 }
`,
  );
  const runtime = createRuntime(folder, signal, "test");
  const loaded = await loadRecipe("tunewise.yaml", runtime);
  const outcome = await runTry(
    loaded,
    { ...runtime, environment: { ...runtime.environment, TUNEWISE_LLAMA_CPP: peers } },
    { approve: async () => true, onProgress: () => undefined, isFresh: false },
  );
  expect(outcome?.document.arms.map(({ name, failed }) => [name, failed])).toEqual([
    ["model-f32 + 1 example", 0],
    ["prompt + 1 example", 0],
  ]);
  // Arms that answer in batches answer some rows once more, one at a time, to measure latency.
  const read = (id: string): { set: string; answer: string; promptTokens: number; microUsd: number }[] =>
    readFileSync(join(outcome?.folder ?? "", "arms", `${id}.jsonl`), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ set }) => set !== "alone");
  const [local, base] = [read("model-f32-1-example"), read("prompt-1-example")];
  expect(local.map(({ promptTokens }) => promptTokens)).toEqual(base.map(({ promptTokens }) => promptTokens));
  expect(local.map(({ answer }) => answer)).toEqual(base.map(({ answer }) => answer));
  expect(local.every(({ microUsd }) => microUsd > 0)).toBe(true);
});

test.skipIf(!peers)("a file that llama.cpp refuses is said in words", async () => {
  const broken = join(folder, "broken.gguf");
  writeFileSync(broken, readFileSync(file).subarray(0, 2000));
  await expect(openLlamaModel(broken, options)).rejects.toMatchObject({ code: "LLAMA_CPP_FAILED" });
});
