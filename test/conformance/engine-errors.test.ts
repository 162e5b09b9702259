/** What the engine refuses and with which messages, and that a refusal loses nothing. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EncodedRow } from "@tunewise/core/rows";
import type { LanguageModel, TrainPlan } from "@tunewise/engine";
import type { WeightFiles } from "@tunewise/engine/weights";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../packages/engine/src/language-model.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { createSession } from "../../packages/engine/src/runtime/session.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { plainPlan } from "./golden-curve.ts";
import { goldenModels, openGolden, readJson } from "./golden-model.ts";

const folder = temporaryFolder();
const config = readJson<Record<string, unknown>>("llama/config.json");

describe("configurations", () => {
  test.each(goldenModels)("%s: the older key names mean the same", (name) => {
    expect(readArchitecture(readJson(`${name}/config.v4.json`))).toEqual(
      readArchitecture(readJson(`${name}/config.json`)),
    );
  });

  test.each([
    ["another family", { model_type: "falcon" }, "MODEL_FAMILY_UNKNOWN", "falcon"],
    ["no family", { model_type: undefined }, "MODEL_FAMILY_UNKNOWN", "missing"],
    ["a width that is text", { hidden_size: "32" }, "MODEL_CONFIG_INVALID", "hidden_size"],
    ["more layers than any model", { num_hidden_layers: 1e9 }, "MODEL_CONFIG_INVALID", "num_hidden_layers"],
    [
      "heads that do not divide",
      { num_attention_heads: 4, num_key_value_heads: 3 },
      "MODEL_CONFIG_INVALID",
      "not divisible",
    ],
    ["an odd head", { head_dim: 7 }, "MODEL_CONFIG_INVALID", "must be even"],
    ["an unknown activation", { hidden_act: "relu" }, "MODEL_CONFIG_INVALID", "relu"],
    ["an unknown rope", { rope_parameters: { rope_type: "spiral" } }, "MODEL_CONFIG_INVALID", "spiral"],
    ["no factors", { rope_parameters: { rope_type: "longrope" } }, "MODEL_CONFIG_INVALID", "short_factor"],
    ["a rope of another kind", { rope_parameters: [8] }, "MODEL_CONFIG_INVALID", "an object"],
    [
      "a layer of another kind",
      { layer_types: ["full_attention", "linear"] },
      "MODEL_CONFIG_INVALID",
      "linear",
    ],
    ["a layer too few", { layer_types: ["full_attention"] }, "MODEL_CONFIG_INVALID", "a list of 2"],
    [
      "windows without a width",
      { layer_types: ["full_attention", "sliding_attention"] },
      "MODEL_CONFIG_INVALID",
      "sliding_window",
    ],
    [
      "a field of another family",
      { attn_logit_softcapping: 50 },
      "MODEL_CONFIG_FIELD_UNKNOWN",
      "attn_logit_softcapping is 50",
    ],
    ["a field of no family", { residual_gain: 0.5 }, "MODEL_CONFIG_FIELD_UNKNOWN", "residual_gain is 0.5"],
    [
      "such a field in a part",
      { rope_parameters: { rope_type: "default", spiral: [1, 2] } },
      "MODEL_CONFIG_FIELD_UNKNOWN",
      "rope_parameters.spiral is [1,2]",
    ],
    ["a partial rope", { partial_rotary_factor: 0.5 }, "MODEL_CONFIG_INVALID", "partial_rotary_factor"],
    ["a flag that is text", { tie_word_embeddings: "yes" }, "MODEL_CONFIG_INVALID", "tie_word_embeddings"],
  ])("%s", (_, change, code, words) => {
    const read = () => readArchitecture({ ...config, ...change });
    expect(read).toThrow(expect.objectContaining({ code }));
    expect(read).toThrow(words);
  });

  test("fields that are switched off or have no effect change nothing", () => {
    const more = { residual_gain: null, new_norm: false, extra_heads: 0, adapters: [], use_cache: true };
    expect(readArchitecture({ ...config, ...more, initializer_range: 0.5 })).toEqual(
      readArchitecture(config),
    );
  });
});

test("weights of another model are refused before they are read", async () => {
  const weights: WeightFiles = {
    weights: new Map([
      ["model.embed_tokens.weight", { name: "model.embed_tokens.weight", shape: [3, 5], stored: "F32" }],
    ]),
    metadata: new Map(),
    read: () => Promise.reject(new Error("must not be read")),
    readStored: () => Promise.reject(new Error("must not be read")),
    fingerprint: () => Promise.resolve(""),
    close: () => Promise.resolve(),
  };
  const opening = openModel({ config, weights }, { threads: 1 });
  await expect(opening).rejects.toMatchObject({ code: "MODEL_WEIGHT_MISMATCH" });
});

test("a failure of the runtime has the catalog's words", async () => {
  const program = { bytes: new Uint8Array([1, 2, 3]), inputs: [], outputs: [], sizes: [] };
  await expect(createSession(program, { threads: 1 })).rejects.toMatchObject({
    code: "ENGINE_RUNTIME_FAILED",
  });
});

describe("training", () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openGolden("llama");
  });
  afterAll(() => model.close());

  const settings = { rank: 2, alpha: 4, rslora: false, dropout: 0, baseModel: "golden", revision: "" };
  const plan: TrainPlan = { ...plainPlan, batching: "shuffle" };
  const row = (length: number, labelled = 1, id = 3): EncodedRow => ({
    ids: new Int32Array(length).fill(id),
    labelled: Uint8Array.from({ length }, (_, at) => (at > 0 ? labelled : 0)),
    promptLength: 1,
    example: 0,
  });
  const adapter = (change: object = {}) =>
    model.createAdapter({ ...settings, targets: "all-linear", ...change }, 1);

  test.each([
    ["a target the model has not", { targets: ["c_attn"] }, "ENGINE_TARGET_UNKNOWN"],
    ["a rank of zero", { rank: 0 }, "ENGINE_RANK_INVALID"],
    ["a rank above every width", { rank: 10_000 }, "ENGINE_RANK_INVALID"],
  ])("%s", (_, change, code) => {
    expect(() => adapter(change)).toThrow(expect.objectContaining({ code }));
  });

  test("rows without a label, rows beyond the context, ids beyond the vocabulary", async () => {
    const train = (rows: EncodedRow[]) => model.createTrainer(adapter(), rows, plan);
    await expect(train([row(8, 0)])).rejects.toMatchObject({ code: "ENGINE_NOTHING_LABELLED" });
    const long = row(model.contextLength + 1);
    await expect(train([long])).rejects.toMatchObject({ code: "ENGINE_ROW_TOO_LONG" });
    const stray = { code: "ENGINE_TOKEN_OUTSIDE_VOCABULARY" };
    await expect((await train([row(8, 1, 1_000_000)])).next()).rejects.toMatchObject(stray);
  });

  test("a loss that is no number stops the step and leaves adapter and moments as they were", async () => {
    const wild = adapter();
    const trainer = await model.createTrainer(wild, [row(12), row(9)], {
      ...plan,
      learningRate: 1e30,
      maxGradNorm: 0,
    });
    await trainer.next();
    const state = async (): Promise<Buffer> => {
      await trainer.save(join(folder, "state.safetensors"));
      return readFileSync(join(folder, "state.safetensors"));
    };
    const before = await state();
    await expect(trainer.next()).rejects.toMatchObject({ code: "ENGINE_LOSS_NOT_FINITE" });
    expect(trainer.step).toBe(1);
    expect(await state()).toEqual(before);
  });

  test.each([
    ["a pattern that names nothing", ["model.layers.9.*"], "ENGINE_FREEZE_UNKNOWN"],
    ["all of it", ["*"], "ENGINE_ALL_FROZEN"],
  ])("full fine-tuning with frozen weights: %s", async (_, frozen, code) => {
    const full = model.createFull({ frozen, baseModel: "golden", revision: "" });
    await expect(full).rejects.toMatchObject({ code });
  });

  const batchings = ["shuffle", "length", "pack"] as const;
  test.each(batchings.flatMap((batching) => [[batching, "memory"] as const, [batching, "disk"] as const]))(
    "batching by %s, with dropout, goes on to the bit, moments in %s",
    async (batching, place) => {
      const rows = Array.from({ length: 9 }, (_, at) => row(5 + at, 1, 3 + at));
      const make = async (name: string, momentsPath: string | null) => {
        const own = adapter({ dropout: 0.3 });
        const changes = {
          batching,
          gradient_accumulation_steps: 2,
          steps: 6,
          momentsPath: momentsPath && join(folder, name),
        };
        return { own, trainer: await model.createTrainer(own, rows, { ...plan, ...changes }) };
      };
      const straight = await make("straight", null);
      for (let step = 0; step < 6; step++) await straight.trainer.next();
      const first = await make("first", place === "disk" ? folder : null);
      for (let step = 0; step < 3; step++) await first.trainer.next();
      await first.trainer.save(join(folder, "half.safetensors"));
      const second = await make("second", place === "disk" ? folder : null);
      await second.trainer.restore(join(folder, "half.safetensors"));
      expect(second.trainer.step).toBe(3);
      for (let step = 3; step < 6; step++) await second.trainer.next();
      expect(second.own.tensors()).toEqual(straight.own.tensors());
      for (const { trainer } of [first, second]) await trainer.release();
      expect(readdirSync(folder)).not.toContain("first");
    },
  );
});
