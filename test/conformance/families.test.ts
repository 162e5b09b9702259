/** Logits, losses, LoRA gradients and greedy answers of every family against PyTorch, transformers and PEFT. */

import type { LanguageModel } from "@tunewise/engine";
import { computedFamilies } from "@tunewise/engine/families";
import type { AdapterSettings, AdapterTensor, WeightFiles } from "@tunewise/engine/weights";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadLora } from "../../packages/engine/src/adapters/lora.ts";
import { openBase } from "../../packages/engine/src/base/base.ts";
import { wideBase } from "../../packages/engine/src/base/options.ts";
import { layOut } from "../../packages/engine/src/batch/batch.ts";
import { type Architecture, projections } from "../../packages/engine/src/models/architecture.ts";
import { ModelPrograms } from "../../packages/engine/src/models/programs.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { Buffers } from "../../packages/engine/src/pass/buffers.ts";
import { emptyGradients, trainPass } from "../../packages/engine/src/pass/train-pass.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { describeModel } from "../../packages/tunewise/src/catalog/index.ts";
import {
  encodedRow,
  familyOfGolden,
  type GoldenRow,
  goldenFolder,
  goldenModels,
  openGolden,
  readJson,
  relativeError,
  tensorsUnder,
} from "./golden-model.ts";

interface Golden {
  rows: GoldenRow[];
  loss: number;
  labelledTokens: number;
  cases: Record<
    string,
    { r: number; lora_alpha: number; target_modules: string | string[]; use_rslora: boolean; loss: number }
  >;
  greedy: { prompt: number[]; answer: number[] }[];
}

function settingsOf(golden: Golden["cases"][string], architecture: Architecture): AdapterSettings {
  const everyTarget = projections(architecture).map(({ name }) => name);
  return {
    rank: golden.r,
    alpha: golden.lora_alpha,
    rslora: golden.use_rslora,
    dropout: 0,
    targets: Array.isArray(golden.target_modules) ? golden.target_modules : everyTarget,
    baseModel: "golden",
    revision: "",
  };
}

// Dynamic scaling changes only rows beyond the trained context, and the engine refuses those.
const refused = "llama-dynamic-rope";

test("rows beyond the context are refused", async () => {
  const model = await openGolden(refused);
  const rows = readJson<Golden>(`${refused}/golden.json`).rows.map(encodedRow);
  await expect(model.loss(null, rows)).rejects.toMatchObject({ code: "ENGINE_ROW_TOO_LONG" });
  await model.close();
});

test("every family that the engine computes has golden values", () => {
  expect(goldenModels.map(familyOfGolden)).toEqual(expect.arrayContaining([...computedFamilies]));
});

describe.each(goldenModels)("%s", (name) => {
  const golden = readJson<Golden>(`${name}/golden.json`);
  let files: WeightFiles;
  let model: LanguageModel;
  beforeAll(async () => {
    files = await openSafetensors(`${goldenFolder}${name}/golden.safetensors`);
    model = await openGolden(name);
  });
  afterAll(async () => {
    await model.close();
    await files.close();
  });

  test("logits of each row", async () => {
    const expected = [...files.weights.keys()].filter((key) => key.startsWith("row/")).sort();
    expect(expected).toHaveLength(golden.rows.length);
    for (const [row, { ids }] of golden.rows.entries()) {
      if (ids.length > model.contextLength) continue;
      const logits = await model.logits(null, Int32Array.from(ids));
      expect(relativeError(logits, await files.read(expected[row] as string))).toBeLessThan(1e-4);
    }
  });

  test("a plan counts the parameters that the file has", async () => {
    const { model: described } = describeModel(readJson(`${name}/config.json`));
    const base = await openSafetensors(`${goldenFolder}${name}/model.safetensors`);
    const sizes = [...base.weights.values()].map(({ shape }) => shape.reduce((all, axis) => all * axis, 1));
    await base.close();
    const declared = sizes.reduce((sum, size) => sum + size, 0);
    expect(described?.parameters.total).toBe(declared);
    expect(model.parameterCount).toBe(declared);
  });

  if (name === refused) return;

  test("mean loss over the labelled tokens of a ragged batch", async () => {
    const { nll, labelledTokens } = await model.loss(null, golden.rows.map(encodedRow));
    expect(labelledTokens).toBe(golden.labelledTokens);
    expect(Math.abs(nll / labelledTokens - golden.loss) / golden.loss).toBeLessThan(1e-5);
  });

  test.each(
    Object.entries(golden.cases).flatMap(([key, one]) =>
      (["weights", "values", "input"] as const).map((keeping) => [key, keeping, one] as const),
    ),
  )("loss and gradients with the adapter %s, keeping %s", async (key, keeping, one) => {
    const config = readJson<Record<string, unknown>>(`${name}/config.json`);
    const architecture = readArchitecture(config);
    const base = await openSafetensors(`${goldenFolder}${name}/model.safetensors`);
    const opened = await openBase(base, architecture, wideBase);
    const adapter = loadLora(architecture, settingsOf(one, architecture), await adapterOf(files, key));
    const programs = new ModelPrograms(architecture, { threads: 1 });
    const gradients = emptyGradients(adapter);
    const batch = layOut(golden.rows.map(encodedRow), architecture, true);
    const pass = {
      model: { architecture, base: opened, programs },
      tuned: adapter,
      activationPolicy: () => keeping,
      buffers: new Buffers(),
    };
    const losses = await trainPass(pass, batch, gradients, true);
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    expect(Math.abs(loss - one.loss) / one.loss).toBeLessThan(1e-5);
    const expected = new Map(
      (await tensorsUnder(files, `case/${key}/gradient/`)).map(({ name: tensor, data }) => [tensor, data]),
    );
    const found = gradientsByName(adapter.tensors(), gradients.layers);
    expect(found.size).toBe(expected.size);
    const largest = Math.max(...[...expected.values()].flatMap((data) => Array.from(data, Math.abs)));
    for (const [tensor, data] of found) {
      const reference = expected.get(tensor) as Float32Array;
      const scaled = data.map((value) => value / losses.length);
      const error = relativeError(scaled, reference) * Math.max(...Array.from(reference, Math.abs));
      expect(error / largest, tensor).toBeLessThan(1e-4);
      expect(relativeError(scaled, reference), tensor).toBeLessThan(1e-3);
    }
    await programs.close();
    await base.close();
  });

  test("greedy answers, prompts of different length together", async () => {
    const answers = await model.generate(
      null,
      golden.greedy.map(({ prompt }) => Int32Array.from(prompt)),
      { maxNewTokens: 20, temperature: 0, topP: 1, seed: 1, endIds: [], batchSize: 2 },
    );
    expect(answers).toEqual(golden.greedy.map(({ answer }) => answer));
  });

  test("what all prompts begin with is read once and changes no answer", async () => {
    const [text, more] = golden.rows.map(({ ids }) => ids) as [number[], number[]];
    const start = text.slice(0, 10);
    const long = [...more, ...text, ...more].slice(0, 25); // too long for so short a common prefix: read in full
    const ends = [
      more.slice(0, 1),
      more.slice(0, 4),
      more.slice(2, 5),
      more.slice(0, 4),
      long,
      long.slice(1),
    ];
    const prompts = ends.map((end) => Int32Array.from([...start, ...end]));
    const options = { maxNewTokens: 8, temperature: 0, topP: 1, seed: 1, endIds: [] };
    const together = await model.generate(null, prompts, { ...options, batchSize: 3 });
    for (const [at, prompt] of prompts.entries()) {
      const alone = await model.generate(null, [prompt], { ...options, batchSize: 1 });
      expect(together[at]).toEqual(alone[0]);
    }
  });

  test("an answer that ends early leaves the others as they were", async () => {
    const prompts = [...golden.greedy, ...golden.greedy].map(({ prompt }) => Int32Array.from(prompt));
    const end = golden.greedy[0]?.answer[4] as number;
    const options = { maxNewTokens: 12, temperature: 0, topP: 1, seed: 1, endIds: [end] };
    const together = await model.generate(null, prompts, { ...options, batchSize: 4 });
    const expected = [...golden.greedy, ...golden.greedy].map(({ answer }) => {
      const at = answer.indexOf(end);
      return answer.slice(0, at < 0 ? 12 : Math.min(at, 12));
    });
    expect(together).toEqual(expected);
  });
});

/** Cases without weights of their own use those of the case `all-linear`. */
async function adapterOf(files: WeightFiles, key: string): Promise<AdapterTensor[]> {
  const own = await tensorsUnder(files, `case/${key}/weight/`);
  return own.length > 0 ? own : tensorsUnder(files, "case/all-linear/weight/");
}

/** Gradients by PEFT name, in the order of the adapter's tensors. */
function gradientsByName(
  tensors: readonly { name: string }[],
  gradients: readonly Readonly<Record<string, Float32Array>>[],
): Map<string, Float32Array> {
  const flat = gradients.flatMap((ports) => Object.values(ports));
  return new Map(tensors.map(({ name }, at) => [name, flat[at] as Float32Array]));
}
