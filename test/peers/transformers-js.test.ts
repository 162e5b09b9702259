/** ONNX folders in transformers.js: logits and answers of the engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergedModel, openModel } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { afterAll, describe, expect, test } from "vitest";
import { planOnnx } from "../../packages/engine/src/export/onnx/plan-onnx.ts";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { type GoldenRow, goldenModels, readJson } from "../conformance/golden-model.ts";
import { goldenTuned, writePlan } from "../support/golden-tuned.ts";
import { furthest, runNode, unpack } from "../support/peer.ts";

const peers = process.env["TUNEWISE_TRANSFORMERS_JS"] ?? "";
const folder = mkdtempSync(join(tmpdir(), "tunewise-transformers-js-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Judged {
  readonly rows: readonly Readonly<Record<"whole" | "cached" | "padded" | "web", string>>[];
  readonly answers: readonly (readonly number[])[];
  readonly chats: readonly { readonly prompt: number[]; readonly ids: number[]; readonly text: string }[];
}

async function judge(job: object): Promise<Judged> {
  return (await runNode(peers, "transformers-js", job)) as Judged;
}

const greedy = { temperature: 0, topP: 1, seed: 1, batchSize: 1 };

/** All golden models except families that transformers.js does not support. */
const known = goldenModels.filter((name) => name !== "olmoe");

test.skipIf(!peers).each(known)("%s: logits and a greedy answer", async (name) => {
  const one = await goldenTuned(name);
  const place = join(folder, name);
  await writePlan(place, planOnnx(one.tuned));
  const all = readJson<{ rows: GoldenRow[] }>(`${name}/golden.json`).rows.map(({ ids }) => ids);
  const rows = all.filter((ids) => ids.length <= one.model.contextLength);
  const prompt = rows[0]?.slice(0, 4) ?? [];
  const adapter = one.model.loadAdapter(one.adapter.settings, one.adapter.tensors);
  const [answer] = await one.model.generate(adapter, [Int32Array.from(prompt)], {
    ...greedy,
    maxNewTokens: 8,
    endIds: [2],
  });
  const web = join(place, "onnx/model.onnx");
  const judged = await judge({ folder: place, web, rows, prompts: [{ ids: prompt, tokens: 8 }] });
  for (const [at, ids] of rows.entries()) {
    const expected = await one.logits(ids);
    const { whole, cached, padded, web: inBrowser } = judged.rows[at] ?? {};
    expect(furthest(unpack(whole), expected)).toBeLessThan(1e-4);
    expect(furthest(unpack(padded), expected)).toBeLessThan(1e-4);
    expect(furthest(unpack(inBrowser), expected)).toBeLessThan(1e-4);
    expect(furthest(unpack(cached), expected.slice(-expected.length / ids.length))).toBeLessThan(1e-4);
  }
  expect(judged.answers[0]?.filter((id) => id !== 2)).toEqual(answer);
  await one.close();
});

describe.skipIf(!peers)("the small model", () => {
  const source = { cacheFolder: folder, fetch: null, endpoint: "", token: null, execute: null };

  test.each([
    ["f32", undefined],
    ["f16", undefined],
    ["f32", 600_000],
  ] as const)("in %s, files of at most %s bytes, answers a chat as the engine does", async (dtype, most) => {
    const files = await resolveModel("models/small", "main", source);
    const place = join(folder, `small-${dtype}-${most}`);
    const plan = planOnnx(mergedModel(files, null), dtype, most);
    expect(plan.files.filter(({ path }) => path.includes("_data")).length > 1).toBe(most !== undefined);
    await writePlan(place, plan);
    const tokenizer = createTokenizer(files.tokenizer);
    const messages = [{ role: "user" as const, content: "The scanner does not start." }];
    const prompt = tokenizer.encode(tokenizer.render({ messages }, { addGenerationPrompt: true }), {
      addSpecialTokens: false,
    });
    const model = await openModel(files, { threads: 1 });
    const [answer = []] = await model.generate(null, [Int32Array.from(prompt)], {
      ...greedy,
      maxNewTokens: 12,
      endIds: tokenizer.endIds,
    });
    const { chats } = await judge({ folder: place, chats: [{ text: messages[0]?.content, tokens: 12 }] });
    expect(chats[0]?.prompt).toEqual(prompt);
    expect(chats[0]?.text).toBe(tokenizer.decode(answer, { skipSpecialTokens: true }));
    await model.close();
    await files.weights.close();
  });
});
