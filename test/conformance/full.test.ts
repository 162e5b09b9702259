/** Full fine-tuning against torch: gradients of every weight and 50 steps; see golden/scripts/engine. */
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFull } from "../../packages/engine/src/adapters/full.ts";
import { readFullResult } from "../../packages/engine/src/adapters/full-result.ts";
import { openBase } from "../../packages/engine/src/base/base.ts";
import { wideBase } from "../../packages/engine/src/base/options.ts";
import { layOut } from "../../packages/engine/src/batch/batch.ts";
import { ModelPrograms } from "../../packages/engine/src/models/programs.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import {
  isStoredTurned,
  layerName,
  rootWeights,
  transposed,
} from "../../packages/engine/src/models/weight-names.ts";
import { Buffers } from "../../packages/engine/src/pass/buffers.ts";
import { emptyGradients, trainPass } from "../../packages/engine/src/pass/train-pass.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Curve, curvePlan } from "./golden-curve.ts";
import {
  encodedRow,
  openGolden,
  openGoldenFile,
  readJson,
  relativeError,
  tensorsUnder,
} from "./golden-model.ts";

const families = [
  ...["llama", "llama-bias", "llama-tied", "mistral", "qwen2", "qwen3", "gemma2"],
  ...["gemma3", "phi3", "smollm3", "olmo2", "granite", "gpt-neox", "gpt2", "qwen3-moe", "olmoe"],
];
/**
 * Biases whose components shift all scores of a query equally (those of keys without rotation). Their gradient is only
 * rounding error, which AdamW scales to full steps.
 */
const idle = /query_key_value\.bias$|c_attn\.bias$/;
const folder = temporaryFolder();
const settings = { frozen: [], baseModel: "golden", revision: "" };

describe.each(families)("%s", (name) => {
  const golden = readJson<Curve>(`${name}/full.json`);

  test.each(["weights", "values", "input"] as const)(
    "gradients of every weight, keeping %s",
    async (keeping) => {
      const files = await openGoldenFile(`${name}/model.safetensors`);
      const architecture = readArchitecture(readJson(`${name}/config.json`));
      const base = await openBase(files, architecture, wideBase);
      const tuned = await createFull(architecture, base, settings);
      const programs = new ModelPrograms(architecture, { threads: 1 });
      const gradients = emptyGradients(tuned);
      const pass = {
        model: { architecture, base, programs },
        tuned,
        activationPolicy: () => keeping,
        buffers: new Buffers(),
      };
      let labels = 0;
      for (const [at, rows] of golden.batches.slice(0, 2).entries()) {
        const batch = layOut(rows.map(encodedRow), architecture, false);
        labels += (await trainPass(pass, batch, gradients, at === 0)).length;
      }
      const found = new Map<string, Float32Array>();
      for (const [layer, weights] of gradients.layers.entries()) {
        for (const [path, data] of Object.entries(weights))
          found.set(layerName(architecture, layer, path), data);
      }
      for (const { key, name } of rootWeights(architecture)) {
        const data = gradients.root[key];
        if (data) found.set(name, data);
      }
      const expected = await tensorsUnder(await openGoldenFile(`${name}/full.safetensors`), "gradient/");
      expect([...found.keys()].sort()).toEqual(expected.map((tensor) => tensor.name).sort());
      for (const tensor of expected) {
        const data = (found.get(tensor.name) as Float32Array).map((value) => value / labels);
        const shape = isStoredTurned(architecture, tensor.name) ? [...tensor.shape].reverse() : tensor.shape;
        const mean = shape === tensor.shape ? data : transposed(data, shape[0] ?? 1);
        expect(relativeError(mean, tensor.data), tensor.name).toBeLessThan(1e-4);
      }
      await programs.close();
    },
  );

  test.each(["memory", "disk"] as const)(
    "50 steps, moments in %s, and the result read back",
    async (place) => {
      const model = await openGolden(name);
      const adapter = await model.createFull(settings);
      expect(adapter.parameterCount).toBe(model.parameterCount);
      const rows = golden.batches.flat().map((row) => encodedRow(row));
      const expected = golden.curves["usual"] as Curve["curves"][string];
      const momentsPath = place === "disk" ? join(folder, `${name}.moments`) : null;
      const plan = { ...curvePlan(golden, expected.learningRate), momentsPath };
      const trainer = await model.createTrainer(adapter, rows, plan);
      for (const step of expected.steps) {
        const found = await trainer.next();
        expect(Math.abs(found.loss - step.loss), `loss of step ${found.step}`).toBeLessThan(1e-3);
      }
      await trainer.release();
      const files = await openGoldenFile(`${name}/full.safetensors`);
      await model.saveResult(adapter, join(folder, name));
      const result = await readFullResult(join(folder, name));
      onTestFinished(() => result.files.close());
      // the file holds the values as the model's own file stores them, also for norms stored minus one
      for (const tensor of await tensorsUnder(files, "final/")) {
        const found = await result.files.read(tensor.name);
        expect(relativeError(found, tensor.data), tensor.name).toBeLessThan(
          idle.test(tensor.name) ? 2e-2 : 2e-3,
        );
      }
      const again = await model.loadFull(result.settings, result.files);
      expect((await model.loss(again, rows)).nll).toBeCloseTo((await model.loss(adapter, rows)).nll, 4);
      expect((await model.loss(null, rows)).nll).toBeGreaterThan((await model.loss(adapter, rows)).nll);
      await model.close();
    },
  );
});

test.each([
  ["the first layer and the embedding", ["model.embed_tokens.weight", "model.layers.0.*"], 1],
  ["all but the last norm", ["model.layers.*", "model.embed_tokens.weight", "lm_head.weight"], 2],
  ["all matrices of projections", ["*proj.weight"], 0],
])("frozen weights stay, the others move as they would: %s", async (_, frozen, firstLayer) => {
  const golden = readJson<Curve>("llama/full.json");
  const model = await openGolden("llama");
  const rows = golden.batches.flat().map((row) => encodedRow(row));
  const step = async (patterns: string[]) => {
    const adapter = await model.createFull({ ...settings, frozen: patterns });
    const plan = { ...curvePlan(golden, 1e-3), warmup: 0, maxGradNorm: 0, weightDecay: 0 };
    const trainer = await model.createTrainer(adapter, rows, plan);
    const { loss } = await trainer.next();
    return { adapter, loss };
  };
  const [some, all] = [await step(frozen), await step([])];
  expect("firstLayer" in some.adapter && some.adapter.firstLayer).toBe(firstLayer);
  expect(some.loss).toBeCloseTo(all.loss, 5);
  const whole = new Map(all.adapter.tensors().map(({ name, data }) => [name, data]));
  expect(some.adapter.tensors().length).toBeLessThan(whole.size);
  for (const { name, data } of some.adapter.tensors()) {
    expect(relativeError(data, whole.get(name) as Float32Array), name).toBeLessThan(1e-5);
  }
  await model.close();
});
