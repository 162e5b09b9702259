/** Fisher information and penalties against gradients of single rows and finite differences. */

import { xoshiro128From } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import { createFull } from "../../packages/engine/src/adapters/full.ts";
import { createLora } from "../../packages/engine/src/adapters/lora.ts";
import type { TrainedAdapter } from "../../packages/engine/src/adapters/tuned.ts";
import { openBase } from "../../packages/engine/src/base/base.ts";
import { wideBase } from "../../packages/engine/src/base/options.ts";
import { layOut } from "../../packages/engine/src/batch/batch.ts";
import { ModelPrograms } from "../../packages/engine/src/models/programs.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { Buffers } from "../../packages/engine/src/pass/buffers.ts";
import { estimateFisher } from "../../packages/engine/src/pass/estimate-fisher.ts";
import type { LoadedModel } from "../../packages/engine/src/pass/loaded-model.ts";
import { createPenalty } from "../../packages/engine/src/pass/penalty.ts";
import { emptyGradients, trainPass } from "../../packages/engine/src/pass/train-pass.ts";
import { bfloat16Values, type Fisher, joinFishers } from "../../packages/engine/src/penalties/fisher.ts";
import type { FisherOptions, PenaltySettings } from "../../packages/engine/src/penalties/settings.ts";
import { type Curve, curvePlan, curveSettings } from "./golden-curve.ts";
import { encodedRow, openGolden, openGoldenFile, readJson, relativeError } from "./golden-model.ts";

const golden = readJson<Curve>("llama/full.json");
const rows = golden.batches
  .slice(0, 3)
  .flat()
  .map((row) => encodedRow(row));
const about = { baseModel: "golden", revision: "" };
const options: FisherOptions = {
  estimator: "empirical",
  storage: "full",
  seed: 1,
  modelKey: "m",
  dataKey: "d",
};

async function open(name: string): Promise<LoadedModel> {
  const files = await openGoldenFile(`${name}/model.safetensors`);
  const architecture = readArchitecture(readJson(`${name}/config.json`));
  const base = await openBase(files, architecture, wideBase);
  return { architecture, base, programs: new ModelPrograms(architecture, { threads: 1 }) };
}

/** An adapter that differs from its start. */
async function moved(model: LoadedModel, kind: "lora" | "full"): Promise<TrainedAdapter> {
  const lora = { ...curveSettings(golden), targets: "all-linear" as const };
  const adapter =
    kind === "full"
      ? await createFull(model.architecture, model.base, { frozen: [], ...about })
      : createLora(model.architecture, lora, 1);
  const random = xoshiro128From(3);
  for (const { data } of adapter.tensors()) {
    for (const at of data.keys()) data[at] = (data[at] as number) + 0.1 * (random() - 0.5);
  }
  return adapter;
}

/** The gradients of one row, by name. */
async function gradientsOf(
  model: LoadedModel,
  adapter: TrainedAdapter,
  at: number,
): Promise<Map<string, Float32Array>> {
  const gradients = emptyGradients(adapter);
  const batch = layOut([rows[at] as (typeof rows)[number]], model.architecture, false);
  const pass = { model, tuned: adapter, activationPolicy: () => "values" as const, buffers: new Buffers() };
  await trainPass(pass, batch, gradients, true);
  const found = gradients.layers.flatMap((weights, layer) =>
    Object.entries(weights).map(([path, data]) => [`model.layers.${layer}.${path}`, data] as const),
  );
  const { embedding, norm, head } = gradients.root;
  return new Map([
    ...found,
    ...(embedding ? [["model.embed_tokens.weight", embedding] as const] : []),
    ...(norm ? [["model.norm.weight", norm] as const] : []),
    ...(head && head !== embedding ? [["lm_head.weight", head] as const] : []),
  ]);
}

describe.each(["llama", "llama-tied", "gemma2", "qwen2"])("Fisher of %s", (name) => {
  test("is the mean over rows of the squared gradient of a row per token, whole or by rows and columns", async () => {
    const model = await open(name);
    const base = await createFull(model.architecture, model.base, { frozen: [], ...about });
    const fisher = await estimateFisher(model, base, rows, options);
    const factored = await estimateFisher(model, base, rows, { ...options, storage: "factored" });
    const expected = new Map<string, Float64Array>();
    for (const [at, row] of rows.entries()) {
      const labels = row.labelled.reduce((sum, one) => sum + one, 0);
      for (const [key, gradient] of await gradientsOf(model, base, at)) {
        const sum = expected.get(key) ?? new Float64Array(gradient.length);
        for (const [place, value] of gradient.entries()) {
          sum[place] = (sum[place] as number) + value ** 2 / labels / rows.length;
        }
        expected.set(key, sum);
      }
    }
    expect([...fisher.tensors.keys()].sort()).toEqual([...expected.keys()].sort());
    expect(fisher.facts).toMatchObject({ examples: rows.length, estimator: "empirical" });
    for (const [key, sum] of expected) {
      const [whole, parts] = [fisher.tensors.get(key), factored.tensors.get(key)];
      if (whole?.kind !== "full" || !parts) throw new Error(key);
      expect(relativeError(bfloat16Values(whole.bits), Float32Array.from(sum)), key).toBeLessThan(1 / 200);
      if (parts.kind !== "factored") continue;
      const [height = 1, width = 1] = parts.shape;
      const byRow = Float32Array.from({ length: height }, (_, row) =>
        mean(sum.subarray(row * width, (row + 1) * width)),
      );
      const byColumn = Float32Array.from({ length: width }, (_, column) =>
        mean(sum.filter((_, at) => at % width === column)),
      );
      expect(relativeError(parts.rows, byRow), key).toBeLessThan(1e-4);
      expect(relativeError(parts.columns, byColumn), key).toBeLessThan(1e-4);
    }
    await model.programs.close();
  });
});

test("the labels of a sampled Fisher come from the model, by the seed", async () => {
  const model = await open("llama");
  const base = await createFull(model.architecture, model.base, { frozen: [], ...about });
  const of = async (seed: number) => {
    const fisher = await estimateFisher(model, base, rows, { ...options, estimator: "sampled", seed });
    const norm = fisher.tensors.get("model.norm.weight");
    return norm?.kind === "full" ? [...norm.bits] : [];
  };
  expect(await of(1)).toEqual(await of(1));
  expect(await of(1)).not.toEqual(await of(2));
});

describe("penalties agree with finite differences", () => {
  const kinds = ["ewc full", "ewc factored", "l2-sp"] as const;
  test.each((["lora", "full"] as const).flatMap((method) => kinds.map((kind) => [method, kind] as const)))(
    "%s, %s",
    async (method, kind) => {
      const model = await open("llama");
      const adapter = await moved(model, method);
      const storage = kind === "ewc factored" ? "factored" : "full";
      const fisher = await estimateFisher(model, adapter, rows, { ...options, storage });
      const settings: PenaltySettings =
        kind === "l2-sp" ? { kind, lambda: 0.7 } : { kind: "ewc", lambda: 0.7, fisher };
      const penalty = await createPenalty(model, adapter, settings);
      const gradients = emptyGradients(adapter);
      const labelled = 5;
      const value = await penalty.add(gradients, labelled);
      expect(value).toBeCloseTo(await byHand(model, adapter, settings), 4);
      const flat = [...gradients.layers.flatMap((layer) => Object.values(layer))];
      const lists = [...adapter.layers.flatMap((layer) => Object.values(layer))];
      for (const [at, values] of lists.entries()) {
        if (at % 5 > 0) continue;
        const place = Math.floor(values.length / 2);
        const kept = values[place] as number;
        const side = async (step: number): Promise<number> => {
          values[place] = kept + step;
          const there = await byHand(model, adapter, settings);
          values[place] = kept;
          return there;
        };
        const step = 1e-2;
        const slope = ((await side(step)) - (await side(-step))) / (2 * step);
        const found = (flat[at]?.[place] as number) / labelled;
        expect(Math.abs(found - slope), `${at}`).toBeLessThan(2e-3 * Math.abs(slope) + 1e-6);
      }
      await penalty.close();
      await model.programs.close();
    },
  );
});

/** lambda / 2 times the sum of F dW^2, computed directly. */
async function byHand(
  model: LoadedModel,
  adapter: TrainedAdapter,
  settings: PenaltySettings,
): Promise<number> {
  const changes = new Map<string, Float64Array>();
  const fisherOf = (name: string, count: number): ((at: number) => number) => {
    if (settings.kind === "l2-sp") return () => 1;
    const tensor = settings.fisher.tensors.get(name);
    if (tensor?.kind === "full") {
      const values = bfloat16Values(tensor.bits);
      return (at) => values[at] as number;
    }
    if (!tensor) throw new Error(`${name} of ${count}`);
    const { rows: byRow, columns } = tensor;
    const all = mean(columns);
    return (at) =>
      ((byRow[Math.floor(at / columns.length)] as number) * (columns[at % columns.length] as number)) / all;
  };
  if (adapter.kind === "lora") {
    const { rank, scaling } = adapter.shape;
    for (const [layer, ports] of adapter.layers.entries()) {
      const names = await model.base.layer(layer);
      for (const path of Object.keys(names).filter((name) => name.endsWith("proj.weight"))) {
        const name = path.split(".")[1] ?? "";
        const [a, b] = [ports[`${name}.A`], ports[`${name}.B`]];
        if (!a || !b) continue;
        const width = a.length / rank;
        changes.set(
          `model.layers.${layer}.${path}`,
          Float64Array.from({ length: (b.length / rank) * width }, (_, at) => {
            const [row, column] = [Math.floor(at / width), at % width];
            let sum = 0;
            for (let r = 0; r < rank; r++)
              sum += (b[row * rank + r] as number) * (a[r * width + column] as number);
            return scaling * sum;
          }),
        );
      }
    }
  } else {
    for (const [layer, weights] of adapter.layers.entries()) {
      const anchors = await model.base.layer(layer);
      for (const [path, values] of Object.entries(weights)) {
        const anchor = anchors[path] as Float32Array;
        changes.set(
          `model.layers.${layer}.${path}`,
          Float64Array.from(values, (value, at) => value - (anchor[at] as number)),
        );
      }
    }
    const { base } = model;
    for (const [name, values, anchor] of [
      ["model.embed_tokens.weight", adapter.root.embedding, base.embedding],
      ["model.norm.weight", adapter.root.norm, base.norm],
      ["lm_head.weight", adapter.root.head, base.head],
    ] as const) {
      if (values)
        changes.set(
          name,
          Float64Array.from(values, (value, at) => value - (anchor[at] as number)),
        );
    }
  }
  let sum = 0;
  for (const [name, change] of changes) {
    const weight = fisherOf(name, change.length);
    for (const [at, value] of change.entries()) sum += weight(at) * value * value;
  }
  return (settings.lambda / 2) * sum;
}

test("Fishers of several tasks: the older, the less", async () => {
  const model = await open("llama");
  const base = await createFull(model.architecture, model.base, { frozen: [], ...about });
  const of = (part: typeof rows): Promise<Fisher> => estimateFisher(model, base, part, options);
  const [first, second, third] = [
    await of(rows.slice(0, 2)),
    await of(rows.slice(2, 4)),
    await of(rows.slice(4)),
  ];
  const joined = joinFishers([first, second, third], 0.5);
  const valuesOf = (fisher: Fisher): Float32Array => {
    const tensor = fisher.tensors.get("model.norm.weight");
    return tensor?.kind === "full" ? bfloat16Values(tensor.bits) : new Float32Array(0);
  };
  const [a, b, c] = [first, second, third].map(valuesOf) as [Float32Array, Float32Array, Float32Array];
  const expected = c.map((value, at) => value + 0.5 * ((b[at] as number) + 0.5 * (a[at] as number)));
  expect(relativeError(valuesOf(joined), expected)).toBeLessThan(1 / 60);
});

test("a strong pull holds a model where it was, none changes nothing", async () => {
  const model = await openGolden("llama");
  const all = golden.batches.flat().map((row) => encodedRow(row));
  const change = async (lambda: number | null): Promise<{ loss: number; penalty: number; moved: number }> => {
    const adapter = await model.createFull({ frozen: [], ...about });
    const start = adapter.tensors().map(({ data }) => data.slice());
    const plan = curvePlan(golden, 1e-3);
    const penalty = lambda === null ? null : ({ kind: "l2-sp", lambda } as const);
    const trainer = await model.createTrainer(adapter, all, { ...plan, steps: 20, penalty });
    let last = { loss: 0, penalty: 0 };
    while (trainer.step < trainer.steps) last = await trainer.next();
    await trainer.release();
    const moved = adapter
      .tensors()
      .reduce(
        (sum, { data }, at) =>
          sum + data.reduce((part, value, place) => part + (value - (start[at]?.[place] ?? 0)) ** 2, 0),
        0,
      );
    return { loss: last.loss, penalty: last.penalty, moved };
  };
  const [free, none, weak, strong] = [
    await change(null),
    await change(0),
    await change(1),
    await change(1e4),
  ];
  expect(none).toEqual({ ...free, penalty: 0 });
  expect(weak.penalty).toBeGreaterThan(0);
  expect(weak.moved).toBeLessThan(free.moved);
  expect(strong.moved).toBeLessThan(0.05 * free.moved);
  expect(strong.loss).toBeGreaterThan(free.loss);
  await model.close();
});

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
