/**
 * Training with bfloat16 matrix products against float32, whose values match PyTorch: losses and gradients in every
 * storage format. The model is small and random, with widths that are multiples of 64.
 */

import type { Adapter, Fisher, LanguageModel, TrainPlan } from "@tunewise/engine";
import { describe, expect, test } from "vitest";
import { openBase } from "../../packages/engine/src/base/base.ts";
import type { BaseOptions } from "../../packages/engine/src/base/options.ts";
import { KeyValueCache } from "../../packages/engine/src/generate/cache.ts";
import { readNext } from "../../packages/engine/src/generate/read-next.ts";
import { openModel } from "../../packages/engine/src/language-model.ts";
import { ModelPrograms } from "../../packages/engine/src/models/programs.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { Buffers } from "../../packages/engine/src/pass/buffers.ts";
import type { FisherTensor } from "../../packages/engine/src/penalties/fisher.ts";
import { whyNotBf16 } from "../../packages/engine/src/runtime/self-test.ts";
import { widenBFloat16 } from "../../packages/engine/src/weights/half-precision.ts";
import { weightFiles } from "../../packages/engine/src/weights/weight-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { plainPlan } from "./golden-curve.ts";
import { encodedRow } from "./golden-model.ts";

const config = {
  model_type: "llama",
  hidden_size: 128,
  intermediate_size: 192,
  num_hidden_layers: 2,
  vocab_size: 320,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  hidden_act: "silu",
  rope_theta: 10000,
  architectures: ["LlamaForCausalLM"],
};
const layer: readonly (readonly [string, readonly number[]])[] = [
  ["self_attn.q_proj", [128, 128]],
  ["self_attn.k_proj", [64, 128]],
  ["self_attn.v_proj", [64, 128]],
  ["self_attn.o_proj", [128, 128]],
  ["mlp.gate_proj", [192, 128]],
  ["mlp.up_proj", [192, 128]],
  ["mlp.down_proj", [128, 192]],
  ["input_layernorm", [128]],
  ["post_attention_layernorm", [128]],
];
const shapes = new Map<string, readonly number[]>([
  ["model.embed_tokens.weight", [320, 128]],
  ["model.norm.weight", [128]],
  ...[0, 1].flatMap((at) =>
    layer.map(([name, shape]): [string, readonly number[]] => [`model.layers.${at}.${name}.weight`, shape]),
  ),
]);

/** Deterministic pseudorandom numbers. */
function values(name: string, count: number): Float32Array<ArrayBuffer> {
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2147483647, 7);
  const scale = name.includes("norm") ? 0 : 0.1;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (name.includes("norm") ? 1 : 0) + scale * ((2 * state) / 2147483647 - 1) * 1.7;
  });
}

const files = weightFiles(
  new Map(
    [...shapes].map(([name, shape]) => [
      name,
      { name, shape: [...shape], stored: "F32" as const, file: 0, offset: 0, bytes: 0 },
    ]),
  ),
  [],
  async ({ name }) =>
    values(
      name,
      (shapes.get(name) ?? []).reduce((a, b) => a * b, 1),
    ),
);

const rows = Array.from({ length: 8 }, (_, row) =>
  encodedRow({
    ids: Array.from({ length: 40 + 3 * row }, (_item, at) => (at * (row + 3) + row * 17) % 320),
    labelled: Array.from({ length: 40 + 3 * row }, (_item, at) => (at > 4 ? 1 : 0)),
  }),
);
const plan: TrainPlan = { ...plainPlan, steps: 20, maxLength: 256, learningRate: 2e-3 };
const cache = { folder: temporaryFolder(), modelKey: "bf16" };

/** The sum over an importance tensor that is stored in full. */
function totalOf(tensor: FisherTensor | undefined): number {
  if (tensor?.kind !== "full") return Number.NaN;
  return widenBFloat16(new Uint8Array(tensor.bits.buffer)).reduce((sum, one) => sum + one, 0);
}

type Base = Pick<BaseOptions, "compute" | "format" | "place">;

function open(base: Base): Promise<LanguageModel> {
  const options = { ...base, doubleQuantization: true, cache };
  return openModel({ config, weights: files }, { threads: 2, base: options });
}

async function adapterOf(model: LanguageModel, method: "lora" | "full"): Promise<Adapter> {
  if (method === "full")
    return model.createFull({ frozen: ["model.layers.0.*"], baseModel: "b", revision: "" });
  const lora = { rank: 8, alpha: 16, rslora: false, dropout: 0, baseModel: "b", revision: "" };
  return model.createAdapter({ ...lora, targets: "all-linear" }, 1);
}

/** Logits of 40 further tokens for three rows of different lengths. */
async function decode(hasPagedAttention: boolean): Promise<{ logits: number[]; memories: Set<string> }> {
  const architecture = readArchitecture(config);
  const base = await openBase(files, architecture, {
    compute: "bf16",
    format: "stored",
    place: "memory",
    doubleQuantization: true,
    cache,
  });
  const memories = new Set<string>();
  class Noted extends ModelPrograms {
    override forward(...given: Parameters<ModelPrograms["forward"]>): ReturnType<ModelPrograms["forward"]> {
      memories.add(given[0].memory);
      return super.forward(...given);
    }
  }
  const programs = new Noted(architecture, { threads: 2, matrices: base.inputs });
  const model = { architecture, base, programs, hasPagedAttention };
  const reading = { model, adapter: null, buffers: new Buffers(), signal: undefined };
  const kept = new KeyValueCache(architecture, "bfloat16", 3, 64);
  const all = [...(await readNext(reading, [[1, 2, 3], [4], [5, 6]], kept))];
  for (let step = 0; step < 40; step++)
    all.push(...(await readNext(reading, [[step], [2 * step], [7]], kept)));
  await programs.close();
  await base.close();
  return { logits: all, memories };
}

interface Trained {
  readonly losses: number[];
  readonly norms: number[];
  /** Loss of the rows by the base and by the trained model, and the trained model's answers. */
  readonly before: number;
  readonly after: number;
  readonly answers: readonly (readonly number[])[];
}

/** Trains for 20 steps, then measures losses and answers. */
async function train(base: Base, method: "lora" | "full"): Promise<Trained> {
  const model = await open(base);
  const adapter = await adapterOf(model, method);
  // with the same rate, a step of all weights changes the model more than a step of an adapter
  const learningRate = method === "full" ? plan.learningRate / 4 : plan.learningRate;
  const trainer = await model.createTrainer(adapter, rows, { ...plan, learningRate });
  const steps = [];
  for (let step = 0; step < 20; step++) steps.push(await trainer.next());
  await trainer.release();
  const before = await model.loss(null, rows);
  const after = await model.loss(adapter, rows);
  const prompts = rows.map(({ ids }) => ids.slice(0, 20));
  const decoding = { temperature: 0, topP: 1, seed: 1, batchSize: 4, maxNewTokens: 4, endIds: [] };
  const answers = await model.generate(adapter, prompts, decoding);
  await model.close();
  return {
    losses: steps.map(({ loss }) => loss),
    norms: steps.map(({ gradientNorm }) => gradientNorm),
    before: before.nll,
    after: after.nll,
    answers,
  };
}

const isHere = (await whyNotBf16(2)) === null;

describe.skipIf(!isHere)("training in bfloat16", () => {
  test.each([
    ["lora", "float32", "memory"],
    ["lora", "stored", "memory"],
    ["lora", "stored", "disk"],
    ["lora", "nf4", "memory"],
    ["lora", "nf4", "disk"],
    ["full", "float32", "memory"],
    ["full", "float32", "disk"],
  ] as const)("%s on %s matrices in %s", async (method, format, place) => {
    const expected = await train({ compute: "fp32", format, place }, method);
    const found = await train({ compute: "bf16", format, place }, method);
    for (const [at, loss] of expected.losses.entries()) {
      expect(Math.abs((found.losses[at] as number) / loss - 1), `loss ${at}`).toBeLessThan(3e-3);
      expect(Math.abs((found.norms[at] as number) / (expected.norms[at] as number) - 1)).toBeLessThan(0.03);
    }
    for (const moment of ["before", "after"] as const)
      expect(Math.abs(found[moment] / expected[moment] - 1), moment).toBeLessThan(5e-3);
    expect(found.answers).toHaveLength(rows.length);
    expect(found.answers.filter((one, at) => one[0] === expected.answers[at]?.[0]).length).toBeGreaterThan(5);
    expect(expected.losses.at(-1)).toBeLessThan(0.9 * (expected.losses[0] as number));
    expect(found.losses).not.toEqual(expected.losses);
  });

  test.each([
    ["lora", "stored"],
    ["lora", "nf4"],
    ["full", "float32"],
  ] as const)("the importance of weights for %s on %s matrices", async (method, format) => {
    const sumsOf = async (compute: "fp32" | "bf16"): Promise<Fisher> => {
      const model = await open({ compute, format, place: "memory" });
      const about = {
        estimator: "empirical",
        storage: "full",
        seed: 1,
        modelKey: "m",
        dataKey: "d",
      } as const;
      const fisher = await model.estimateFisher(await adapterOf(model, method), rows, about);
      await model.close();
      return fisher;
    };
    const [expected, found] = [await sumsOf("fp32"), await sumsOf("bf16")];
    expect([...found.tensors.keys()]).toEqual([...expected.tensors.keys()]);
    for (const [name, tensor] of expected.tensors)
      expect(Math.abs(totalOf(found.tensors.get(name)) / totalOf(tensor) - 1), name).toBeLessThan(0.05);
  });

  test("answers go on from pages as they do by ordinary operators", async () => {
    const [paged, plain] = [await decode(true), await decode(false)];
    const largest = Math.max(...plain.logits.map(Math.abs));
    const errors = paged.logits.map((one, at) => Math.abs(one - (plain.logits[at] as number)));
    expect(Math.max(...errors) / largest).toBeLessThan(2e-3);
    expect(paged.memories).toContain("pages");
    expect(plain.memories).not.toContain("pages");
  });

  test("all weights start from the file's own values", async () => {
    const model = await open({ compute: "bf16", format: "float32", place: "disk" });
    for (const { name, data } of (await adapterOf(model, "full")).tensors())
      expect(data).toEqual(values(name, data.length));
    await model.close();
  });
});
