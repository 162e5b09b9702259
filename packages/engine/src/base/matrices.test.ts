import { expect, test } from "vitest";
import { projections } from "../models/architecture.ts";
import { readArchitecture } from "../models/read-architecture.ts";
import { narrowToBFloat16, type StoredWeight, type WeightFiles } from "../weights/index.ts";
import { asStored, streamMatrices, widened } from "./matrices.ts";
import { Workspace } from "./workspace.ts";

const model = readArchitecture({
  model_type: "llama",
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  vocab_size: 32,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  hidden_act: "silu",
});

test("a layer that is read ahead is read before the files may close", async () => {
  let reading = 0;
  const files = {
    weights: { get: () => ({ stored: "F32" }) },
    readStored: async () => {
      reading++;
      await new Promise((done) => setTimeout(done, 5));
      reading--;
      return { stored: "F32", values: new Float32Array(4) };
    },
  } as unknown as WeightFiles;
  const nameOf = (layer: number, path: string): string => `${layer}.${path}`;
  const matrices = streamMatrices({ files, nameOf, model, formatOf: () => null });
  expect((await matrices.layer(0, 1)).length).toBe(7);
  const isAtWork = reading > 0;
  await matrices.settled();
  expect([isAtWork, reading]).toEqual([true, 0]);
});

test("a layer's float32 weights are its own after programs took another layer's", async () => {
  const layers = [1, 2].map((value) =>
    projections(model).map(({ path, inputWidth, outputWidth }): [string, StoredWeight] => {
      const values = new Float32Array(inputWidth * outputWidth).fill(value);
      return [`${path}.weight`, { stored: "BF16", bits: narrowToBFloat16(values) }];
    }),
  );
  const source = { layer: async (at: number) => layers[at] ?? [], settled: async () => undefined };
  const workspace = new Workspace(model);
  const wide = widened(source, workspace);
  const given = asStored(source, { model, inputs: { compute: "bf16", format: "float32" }, workspace });
  for (const at of [0, 1, 0]) {
    await wide(at);
    await given(1 - at);
    expect((await wide(at))["mlp.up_proj.weight"]?.[0]).toBe(at + 1);
  }
});
