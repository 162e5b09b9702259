/**
 * 50 steps of AdamW with warmup, cosine schedule, clipping and gradient accumulation against torch and PEFT, step by
 * step.
 */
import { expect, test } from "vitest";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { type Curve, curvePlan, curveSettings } from "./golden-curve.ts";
import {
  encodedRow,
  goldenFolder,
  openGolden,
  readJson,
  relativeError,
  tensorsUnder,
} from "./golden-model.ts";

const cases = ["llama", "gemma2"].flatMap((name) =>
  Object.keys(readJson<Curve>(`${name}/adamw-curve.json`).curves).map((kind) => [name, kind] as const),
);

test.each(cases)("%s, %s learning rate", async (name, kind) => {
  const curve = readJson<Curve>(`${name}/adamw-curve.json`);
  const files = await openSafetensors(`${goldenFolder}${name}/adamw-curve.safetensors`);
  const model = await openGolden(name);
  const fresh = model.createAdapter({ ...curveSettings(curve), targets: "all-linear" }, 1);
  const adapter = model.loadAdapter(fresh.settings, await tensorsUnder(files, "start/"));
  const expected = curve.curves[kind] as Curve["curves"][string];
  const trainer = await model.createTrainer(
    adapter,
    curve.batches.flat().map(encodedRow),
    curvePlan(curve, expected.learningRate),
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
