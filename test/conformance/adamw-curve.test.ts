/** 50 steps of AdamW with warm-up, cosine, clipping and accumulation against torch and PEFT, step by step. */
import { expect, test } from "vitest";
import { openSafetensors } from "../../src/engine/files/safetensors.ts";
import type { TrainPlan } from "../../src/engine/index.ts";
import {
  encodedRow,
  type GoldenRow,
  goldenFolder,
  openGolden,
  readJson,
  relativeError,
  tensorsUnder,
} from "./golden-model.ts";

interface Curve {
  settings: {
    lora: { r: number; lora_alpha: number };
    warmup: number;
    accumulation: number;
    clipNorm: number;
    weightDecay: number;
    beta1: number;
    beta2: number;
    epsilon: number;
  };
  batches: GoldenRow[][];
  curves: Record<
    string,
    {
      learningRate: number;
      steps: { loss: number; gradientNorm: number; learningRate: number; labelledTokens: number }[];
    }
  >;
}

const plan = (curve: Curve, learningRate: number): TrainPlan => ({
  epochs: 1,
  steps: 50,
  batchSize: 2,
  accumulation: curve.settings.accumulation,
  batching: "ordered",
  maxLength: 64,
  learningRate,
  schedule: "cosine",
  warmup: curve.settings.warmup,
  optimizer: "adamw",
  weightDecay: curve.settings.weightDecay,
  beta1: curve.settings.beta1,
  beta2: curve.settings.beta2,
  epsilon: curve.settings.epsilon,
  clipNorm: curve.settings.clipNorm,
  seed: 1,
  recompute: "none",
});

const cases = ["llama", "gemma2"].flatMap((name) =>
  Object.keys(readJson<Curve>(`${name}/adamw-curve.json`).curves).map((kind) => [name, kind] as const),
);

test.each(cases)("%s, %s learning rate", async (name, kind) => {
  const curve = readJson<Curve>(`${name}/adamw-curve.json`);
  const files = await openSafetensors(`${goldenFolder}${name}/adamw-curve.safetensors`);
  const model = await openGolden(name);
  const { r, lora_alpha } = curve.settings.lora;
  const settings = {
    rank: r,
    alpha: lora_alpha,
    rslora: false,
    dropout: 0,
    baseModel: "golden",
    revision: "",
  };
  const fresh = model.createAdapter({ ...settings, targets: "all-linear" }, 1);
  const adapter = model.loadAdapter(fresh.settings, await tensorsUnder(files, "start/"));
  const expected = curve.curves[kind] as Curve["curves"][string];
  const trainer = model.createTrainer(
    adapter,
    curve.batches.flat().map(encodedRow),
    plan(curve, expected.learningRate),
  );
  for (const step of expected.steps) {
    const found = await trainer.next();
    expect(found.labelledTokens).toBe(step.labelledTokens);
    expect(found.learningRate).toBeCloseTo(step.learningRate, 9);
    expect(Math.abs(found.loss - step.loss), `loss of step ${found.step}`).toBeLessThan(1e-3);
    expect(Math.abs(found.gradientNorm / step.gradientNorm - 1), `norm of step ${found.step}`).toBeLessThan(
      1e-3,
    );
  }
  const ends = new Map(
    (await tensorsUnder(files, `${kind}/final/`)).map((tensor) => [tensor.name, tensor.data]),
  );
  for (const tensor of adapter.tensors()) {
    const end = ends.get(tensor.name);
    if (end) expect(relativeError(tensor.data, end), tensor.name).toBeLessThan(1e-3);
  }
  expect(ends.size).toBeGreaterThan(0);
  await model.close();
  await files.close();
});
