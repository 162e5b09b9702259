/**
 * What a rollback requires of a trainer: a saved learning-rate scale, a restart that equals a new start, and the update
 * ratio.
 */
import { join } from "node:path";
import type { LanguageModel, LoraHandle, Trainer } from "@tunewise/engine";
import type { AdapterTensor } from "@tunewise/engine/weights";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Curve, curvePlan, curveSettings } from "./golden-curve.ts";
import { encodedRow, openGolden, readJson } from "./golden-model.ts";

const folder = temporaryFolder();
const curve = readJson<Curve>("llama/adamw-curve.json");
let model: LanguageModel;
beforeAll(async () => {
  model = await openGolden("llama");
});
afterAll(() => model.close());

const fresh = (): LoraHandle => model.createAdapter({ ...curveSettings(curve), targets: "all-linear" }, 1);
const trainerOf = (adapter: LoraHandle): Promise<Trainer> =>
  model.createTrainer(adapter, curve.batches.flat().map(encodedRow), curvePlan(curve, 1e-2));
const copyOf = (adapter: LoraHandle): Float32Array[] => adapter.tensors().map(({ data }) => data.slice());

test("a rate that was lowered is saved and restored with the state", async () => {
  const [one, other] = [await trainerOf(fresh()), await trainerOf(fresh())];
  for (let step = 0; step < 4; step++) await one.next();
  const { learningRate } = await one.next();
  one.rateScale = 0.25;
  await one.save(join(folder, "state.safetensors"));
  await other.restore(join(folder, "state.safetensors"));
  expect([other.step, other.rateScale]).toEqual([5, 0.25]);
  const [a, b] = [await one.next(), await other.next()];
  expect(a).toEqual(b);
  expect(a.learningRate).toBeLessThan(0.5 * learningRate);
});

test("a trainer that starts again does what a new one does, to the bit", async () => {
  const adapter = fresh();
  const [used, first] = [await trainerOf(adapter), fresh()];
  const unused = await trainerOf(first);
  for (let step = 0; step < 5; step++) await used.next();
  used.rateScale = 0.5;
  await used.restart(fresh());
  expect([used.step, used.rateScale]).toEqual([0, 1]);
  for (let step = 0; step < 5; step++) expect(await used.next()).toEqual(await unused.next());
  expect(copyOf(adapter)).toEqual(copyOf(first));
});

test("the ratio of a step is that of its change to the values before it", async () => {
  const adapter = fresh();
  const trainer = await trainerOf(adapter);
  for (let step = 0; step < 3; step++) await trainer.next();
  const before = copyOf(adapter);
  const { updateRatio } = await trainer.next();
  const squares = (values: (tensor: AdapterTensor, at: number, place: number) => number): number =>
    adapter.tensors().reduce((sum, tensor, at) => {
      return sum + tensor.data.reduce((part, _, place) => part + values(tensor, at, place) ** 2, 0);
    }, 0);
  const changed = squares(({ data }, at, place) => (data[place] ?? 0) - (before[at]?.[place] ?? 0));
  const whole = squares((_, at, place) => before[at]?.[place] ?? 0);
  expect(updateRatio).toBeGreaterThan(0);
  expect(Math.abs(updateRatio / Math.sqrt(changed / whole) - 1)).toBeLessThan(1e-3);
});
