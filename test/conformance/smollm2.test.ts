/** SmolLM2-135M-Instruct from its GGUF file against transformers and PEFT; TUNEWISE_TEST_SMOLLM2 names the file. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LoraAdapter, loadLora } from "../../packages/engine/src/adapters/lora.ts";
import { openBase } from "../../packages/engine/src/base/base.ts";
import { wideBase } from "../../packages/engine/src/base/options.ts";
import { layOut } from "../../packages/engine/src/batch/batch.ts";
import { projections } from "../../packages/engine/src/models/architecture.ts";
import { ModelPrograms } from "../../packages/engine/src/models/programs.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { Buffers } from "../../packages/engine/src/pass/buffers.ts";
import { runForward } from "../../packages/engine/src/pass/forward.ts";
import { headLogits } from "../../packages/engine/src/pass/head.ts";
import { type LoadedModel, rootOf } from "../../packages/engine/src/pass/loaded-model.ts";
import { emptyGradients, trainPass } from "../../packages/engine/src/pass/train-pass.ts";
import { openGguf } from "../../packages/engine/src/weights/gguf/gguf.ts";
import { encodedRow, type GoldenRow, readJson } from "./golden-model.ts";

const file = process.env["TUNEWISE_TEST_SMOLLM2"] ?? "";

interface Judged {
  loss: number;
  last: { ids: number[]; logits: number[] }[];
  gradientNorm?: number;
  /** By layer and projection: gradient norms of A and B. */
  gradientNorms?: Record<string, [number, number]>;
}
interface Golden {
  rows: GoldenRow[];
  base: Judged;
  adapted: Judged;
  adapter: { first: Record<string, number[]> };
}

/** The adapter's formula in integers, as in the golden script's docstring. */
function mixed(n: number): number {
  let value = Math.imul(n, 0x9e3779b1) >>> 0;
  value = Math.imul(value ^ (value >>> 15), 0x85ebca77) >>> 0;
  return (value ^ (value >>> 13)) >>> 0;
}

function goldenAdapter(model: LoadedModel): LoraAdapter {
  const tensors = Array.from({ length: model.architecture.layers }, (_, layer) =>
    projections(model.architecture).flatMap(({ path, inputWidth, outputWidth }) => [
      { name: `base_model.model.model.layers.${layer}.${path}.lora_A.weight`, shape: [8, inputWidth] },
      { name: `base_model.model.model.layers.${layer}.${path}.lora_B.weight`, shape: [outputWidth, 8] },
    ]),
  ).flat();
  tensors.sort((a, b) => (a.name < b.name ? -1 : 1));
  const filled = tensors.map(({ name, shape }, t) => {
    const scale = name.includes("lora_A") ? 0.05 : 0.02;
    const length = (shape[0] ?? 0) * (shape[1] ?? 0);
    const data = Float32Array.from(
      { length },
      (_, i) => (2 * (mixed(i + 1_000_003 * t) / 2 ** 32) - 1) * scale,
    );
    return { name, shape, data };
  });
  const targets = projections(model.architecture).map(({ name }) => name);
  const settings = {
    rank: 8,
    alpha: 16,
    rslora: false,
    dropout: 0,
    targets,
    baseModel: "smollm2",
    revision: "",
  };
  return loadLora(model.architecture, settings, filled);
}

describe.skipIf(file === "")("SmolLM2-135M-Instruct (TUNEWISE_TEST_SMOLLM2 names its .gguf)", () => {
  const golden = readJson<Golden>("smollm2-135m/golden.json");
  let model: LoadedModel;
  let adapter: LoraAdapter;
  beforeAll(async () => {
    const files = await openGguf(file);
    const architecture = readArchitecture(files.config);
    const base = await openBase(files.weights, architecture, wideBase);
    await files.weights.close();
    model = { architecture, base, programs: new ModelPrograms(architecture, { threads: 2 }) };
    adapter = goldenAdapter(model);
  });
  afterAll(() => model.programs.close());

  test("the adapter is the golden one", () => {
    for (const { name, data } of adapter.tensors()) {
      for (const [at, value] of (golden.adapter.first[name] ?? []).entries())
        expect(data[at]).toBeCloseTo(value, 8);
    }
  });

  test.each(["base", "adapted"] as const)("%s: logits of the last position of each row", async (kind) => {
    for (const [row, { ids }] of golden.rows.entries()) {
      const batch = layOut([encodedRow(golden.rows[row] as GoldenRow)], model.architecture, false);
      const buffers = new Buffers();
      const hidden = await runForward(model, kind === "base" ? null : adapter, batch, buffers);
      const root = rootOf(model, null);
      const logits = await headLogits(model, root, hidden, Int32Array.of(ids.length - 1), buffers);
      const { ids: top, logits: expected } = golden[kind].last[row] as Judged["last"][number];
      const largest = Math.max(...expected.map(Math.abs));
      for (const [at, id] of top.entries()) {
        expect(Math.abs((logits[id] as number) - (expected[at] as number)) / largest).toBeLessThan(1e-4);
      }
    }
  });

  test("loss and gradients with the adapter, the three rows as one batch with a shared prefix", async () => {
    const gradients = emptyGradients(adapter);
    const batch = layOut(golden.rows.map(encodedRow), model.architecture, true);
    expect(batch.binding["P"]).toBeGreaterThan(8);
    const pass = {
      model,
      tuned: adapter,
      activationPolicy: () => "weights" as const,
      buffers: new Buffers(),
    };
    const losses = await trainPass(pass, batch, gradients, true);
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    expect(Math.abs(loss / golden.adapted.loss - 1)).toBeLessThan(1e-4);
    const norm = (data: Float32Array): number =>
      Math.sqrt(data.reduce((sum, value) => sum + value * value, 0)) / losses.length;
    let squares = 0;
    for (const [layer, ports] of gradients.layers.entries()) {
      for (const [port, data] of Object.entries(ports)) {
        const [name = "", side] = port.split(".");
        const expected = golden.adapted.gradientNorms?.[`${layer}.${name}`]?.[side === "A" ? 0 : 1] ?? 0;
        expect(Math.abs(norm(data) / expected - 1), `${layer}.${port}`).toBeLessThan(1e-3);
        squares += norm(data) ** 2;
      }
    }
    expect(Math.abs(Math.sqrt(squares) / (golden.adapted.gradientNorm ?? 0) - 1)).toBeLessThan(1e-4);
  });
});
