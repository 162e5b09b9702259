import type { OptimizerName } from "@tunewise/core/run";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeModel, findDevice, type ModelDescription } from "../../catalog/index.ts";
import { estimateStackSpeed } from "../speed/estimate.ts";
import { doraTerm } from "./dora.ts";
import { estimateStackMemory } from "./estimate.ts";
import { formatsOf } from "./formats.ts";
import { withOptions } from "./options.ts";
import { findStack, stackNames, stackRules } from "./rules.ts";
import { savedInLayer } from "./saved-activations.ts";
import type { StackSetting, Trained } from "./setting.ts";
import { adapterCount, nf4Bytes, statesPerDevice, wholeStates } from "./states.ts";

function modelOf(changes: Record<string, unknown> = {}): ModelDescription {
  const { model } = describeModel({
    model_type: "llama",
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14336,
    vocab_size: 128256,
    tie_word_embeddings: false,
    ...changes,
  });
  if (model === null) throw new Error("the test's model is not described");
  return model;
}

const lora: Trained = {
  kind: "lora",
  rank: 8,
  targets: "all-linear",
  head: false,
  dropout: 0,
  doubleQuantization: true,
};

function settingOf(changes: Partial<StackSetting> = {}): StackSetting {
  return {
    model: modelOf(),
    trained: lora,
    stack: stackRules["hf-trl"],
    rows: 2,
    length: 1024,
    accumulates: false,
    checkpointing: true,
    attention: "fused",
    optimizer: "adamw",
    devices: 1,
    sharding: "none",
    offload: "none",
    evaluation: null,
    ...changes,
  };
}

const expected = (changes: Partial<StackSetting> = {}): number =>
  estimateStackMemory(settingOf(changes)).allocated.expected;

describe("bytes that are exact", () => {
  test("NF4 with one scale per 64 weights, and with scales that are quantized", () => {
    expect(nf4Bytes(false)).toBe(0.5625);
    expect(nf4Bytes(true)).toBeCloseTo(0.515869, 6);
    // the saving stated in the paper, in bits per parameter
    expect(8 * (nf4Bytes(false) - nf4Bytes(true))).toBeCloseTo(0.373, 3);
  });

  test("values of an adapter: R (in + out) over all targets and layers", () => {
    const targets = ["q_proj", "v_proj"];
    expect(adapterCount(settingOf({ trained: { ...lora, targets } }))).toBe(
      32 * 8 * (4096 + 4096 + 4096 + 1024),
    );
    expect(adapterCount(settingOf({ trained: { ...lora, targets, head: true } }))).toBe(
      32 * 8 * (4096 + 4096 + 4096 + 1024) + 8 * (4096 + 128256),
    );
  });

  test("DoRA: a magnitude for each row, and what its norms take", () => {
    const dora = { ...lora, targets: ["q_proj", "v_proj"], dora: true };
    const counts = [lora, dora].map((trained) =>
      adapterCount(settingOf({ trained: { ...trained, targets: dora.targets } })),
    );
    expect((counts[1] ?? 0) - (counts[0] ?? 0)).toBe(32 * (4096 + 1024));
    const stack = stackRules["hf-loop"];
    const [plain, saved] = [lora, dora].map((trained) =>
      savedInLayer(settingOf({ trained: { ...trained, targets: dora.targets }, stack })),
    );
    // a 16-bit and a float32 output of each projection, and three float32 values per row
    expect((saved?.attention ?? 0) - (plain?.attention ?? 0)).toBe((2 + 4) * (4096 + 1024));
    expect(saved?.constant).toBe(12 * (4096 + 1024));
    // an identity, the update, the weight, the scaled update and the sum; two addends of the output and their sum
    const identity = 4 * 4096 ** 2;
    expect(doraTerm(settingOf({ trained: dora, stack }), 10).bytes).toBe(
      identity + 4 * 4 * 4096 ** 2 + 3 * 4 * 4096 * 10,
    );
    expect(doraTerm(settingOf({ stack }), 10).bytes).toBe(0);
    const peaks = [false, true].map((checkpointing) =>
      estimateStackMemory(settingOf({ trained: dora, stack, checkpointing })),
    );
    expect(
      peaks.map(
        ({ phases }) => phases.filter(({ terms }) => terms.some(({ name }) => name === "dora")).length,
      ),
    ).toEqual([1, 6]);
  });

  test("full fine-tuning holds 16 bytes a parameter in mixed precision, 8 in pure 16 bits", () => {
    for (const [name, most] of [
      ["hf-trl", 16],
      ["torchtune", 8],
    ] as const) {
      const states = wholeStates(settingOf({ trained: { kind: "full" }, stack: stackRules[name] }));
      expect((states.weights + states.gradients + states.optimizer) / modelOf().parameters.total).toBe(most);
    }
  });

  test("what a scheme shards is divided by the GPUs, the rest is whole", () => {
    const full = { trained: { kind: "full" } as const, devices: 8 };
    const whole = wholeStates(settingOf(full));
    const of = (sharding: StackSetting["sharding"]) => statesPerDevice(settingOf({ ...full, sharding }));
    expect(of("none")).toEqual(whole);
    expect(of("zero-1")).toEqual({ ...whole, optimizer: whole.optimizer / 8 });
    expect(of("zero-2").gradients).toBe(whole.gradients / 8);
    expect(of("zero-2").weights).toBe(whole.weights);
    expect(of("zero-3").weights).toBe(whole.weights / 8);
    expect(of("fsdp")).toEqual(of("zero-3"));
  });

  test("paged and offloaded states leave the GPU", () => {
    const trained = { kind: "full" } as const;
    const optimizerOf = (optimizer: OptimizerName): number =>
      statesPerDevice(settingOf({ trained, optimizer })).optimizer;
    expect(optimizerOf("paged-adamw-8bit")).toBe(0);
    expect(optimizerOf("sgd")).toBe(optimizerOf("adamw") / 2); // SGD with momentum has one moment
    expect(statesPerDevice(settingOf({ trained, offload: "all" })).weights).toBe(0);
    expect(statesPerDevice(settingOf({ trained, offload: "optimizer" })).weights).toBeGreaterThan(0);
  });
});

describe("order of estimates", () => {
  const settings = fc.record({
    stack: fc.constantFrom(...stackNames).map((name) => stackRules[name]),
    kind: fc.constantFrom("full", "lora", "qlora"),
    rows: fc.integer({ min: 1, max: 16 }),
    length: fc.integer({ min: 16, max: 8192 }),
    checkpointing: fc.boolean(),
    attention: fc.constantFrom("fused", "eager") as fc.Arbitrary<"fused" | "eager">,
    accumulates: fc.boolean(),
  });
  const made = settings.map(({ kind, ...rest }) =>
    settingOf({ ...rest, trained: kind === "full" ? { kind } : { ...lora, kind: kind as "lora" | "qlora" } }),
  );
  // the cache's excess over this may decrease: another length may fit better into segments
  const size = (setting: StackSetting): number => estimateStackMemory(setting).allocated.expected;

  test("never falls with rows, length, rank, layers or vocabulary", () => {
    fc.assert(
      fc.property(made, (setting) => {
        const { trained } = setting;
        const larger: StackSetting[] = [
          { ...setting, rows: setting.rows + 1 },
          { ...setting, length: setting.length + 64 },
          { ...setting, model: modelOf({ num_hidden_layers: 33 }) },
          { ...setting, model: modelOf({ vocab_size: 140_000 }) },
          ...(trained.kind === "full" ? [] : [{ ...setting, trained: { ...trained, rank: 16 } }]),
        ];
        for (const one of larger) expect(size(one)).toBeGreaterThanOrEqual(size(setting));
      }),
    );
  });

  test("computing layers again costs no more than the input of one layer", () => {
    fc.assert(
      fc.property(made, (setting) => {
        const input = 4 * setting.rows * setting.length * setting.model.hidden;
        const saved = size({ ...setting, checkpointing: false });
        expect(size({ ...setting, checkpointing: true })).toBeLessThanOrEqual(saved + 1.05 * input + 16);
      }),
    );
  });

  test("ranges rise, and the three ways of measuring do", () => {
    fc.assert(
      fc.property(made, (setting) => {
        const { allocated, reserved, process } = estimateStackMemory(setting);
        expect(allocated.expected).toBeLessThanOrEqual(reserved.expected);
        expect(reserved.expected).toBeLessThan(process.expected);
        expect(reserved.high).toBeLessThan(process.high);
      }),
    );
  });
});

describe("mixture-of-experts models", () => {
  const experts = { model_type: "mixtral", num_local_experts: 8, num_experts_per_tok: 2 };
  const [dense, sparse] = [modelOf(), modelOf(experts)];
  const { device } = findDevice("A100-80GB");

  test("weights, gradients and moments count all experts, saved activations the active ones", () => {
    const states = wholeStates(settingOf({ model: sparse, trained: { kind: "full" } }));
    expect(states.weights).toBe(4 * sparse.parameters.total);
    expect(states.gradients).toBe(4 * sparse.parameters.total);
    expect(sparse.parameters.total).toBeGreaterThan(5 * dense.parameters.total);
    const saved = [dense, sparse].map((model) => savedInLayer(settingOf({ model })).feedForward);
    expect((saved[1] ?? 0) / (saved[0] ?? 1)).toBeGreaterThan(1.8);
    expect((saved[1] ?? 0) / (saved[0] ?? 1)).toBeLessThan(2.2);
  });

  test("FLOP count the active experts; a batch of one token reads no more than those", () => {
    if (device === null) throw new Error("no such card");
    const products = (model: ModelDescription, length: number): number =>
      estimateStackSpeed(settingOf({ model, length, rows: 1 }), device).parts.find(
        ({ name }) => name === "products",
      )?.seconds ?? 0;
    const active = sparse.parameters.activeLinear / dense.parameters.activeLinear;
    expect(products(sparse, 8192) / products(dense, 8192)).toBeCloseTo(active, 0);
    expect(products(sparse, 1)).toBeLessThan(0.4 * products(sparse, 64));
  });
});

describe("full fine-tuning without a float32 copy", () => {
  const full = { kind: "full" } as const;
  const stack = withOptions(stackRules["hf-trl"], { masterDtype: "bfloat16" });

  test("weights, gradients and moments take 8 bytes a parameter, and all activations 16 bits", () => {
    const setting = settingOf({ trained: full, stack });
    const { weights, gradients, optimizer } = wholeStates(setting);
    expect((weights + gradients + optimizer) / setting.model.parameters.total).toBe(8);
    expect(formatsOf(setting)).toMatchObject({ stream: 2, result: 2, input: 2 });
  });

  test("everything in float32 leaves no 16 bits to the weights", () => {
    const whole = withOptions(stackRules["hf-trl"], { masterDtype: "bfloat16", float32: true });
    expect(whole.fullWeightBytes).toBe(4);
  });
});

test("a framework that does not tie holds the table twice", () => {
  const model = modelOf({ tie_word_embeddings: true });
  const [tied, untied] = (["hf-trl", "litgpt"] as const).map((name) =>
    wholeStates(settingOf({ model, stack: stackRules[name] })),
  );
  expect((untied?.weights ?? 0) - (tied?.weights ?? 0)).toBe(2 * model.vocabulary * model.hidden);
});

describe("everything in float32", () => {
  const in32 = (name: (typeof stackNames)[number]) => withOptions(stackRules[name], { float32: true });

  test("frozen weights, what products give and adapters take 4 bytes a value, and inputs are not copied", () => {
    const setting = settingOf({ stack: in32("worker") });
    expect(wholeStates(setting).weights).toBe(4 * setting.model.parameters.total);
    expect(formatsOf(setting)).toEqual({ stream: 4, result: 4, attention: 4, input: 4, sharesInputs: true });
    const { adapters } = wholeStates({ ...setting, stack: in32("torchtune") });
    expect(adapters).toBe(4 * adapterCount(setting));
  });

  test.each(stackNames)("needs more memory and time than mixed precision: %s", (name) => {
    const device = findDevice("A100-80GB").device;
    if (device === null) throw new Error("no such card");
    for (const trained of [lora, { ...lora, kind: "qlora" as const }, { kind: "full" as const }]) {
      const [half, whole] = [stackRules[name], in32(name)].map((stack) => settingOf({ trained, stack }));
      if (!half || !whole) throw new Error("no settings");
      expect(estimateStackMemory(whole).allocated.expected).toBeGreaterThanOrEqual(
        estimateStackMemory(half).allocated.expected,
      );
      const [quick, slow] = [half, whole].map((one) => estimateStackSpeed(one, device).stepSeconds.expected);
      expect(slow).toBeGreaterThan(5 * (quick ?? 0));
    }
  });
});

describe("what the reference says of real set-ups", () => {
  test("under checkpointing with a large vocabulary the logits are the peak, whatever attention is used", () => {
    const { peak } = estimateStackMemory(settingOf());
    expect(peak.name).toBe("loss");
    expect(expected({ attention: "fused", length: 512 })).toBe(expected({ attention: "eager", length: 512 }));
  });

  test("a loss without a table of logits moves the peak and lowers it", () => {
    const fused = withOptions(stackRules["hf-trl"], { fusedLoss: true });
    expect(expected({ stack: fused })).toBeLessThan(expected());
    expect(estimateStackMemory(settingOf({ stack: fused })).peak.name).not.toBe("loss");
  });

  test("QLoRA of LitGPT keeps more per token than LoRA: with enough tokens it needs more memory", () => {
    const of = (kind: "lora" | "qlora", rows: number) =>
      expected({
        trained: { ...lora, kind, targets: ["q_proj", "v_proj"], dropout: 0.05 },
        stack: stackRules.litgpt,
        checkpointing: false,
        rows,
      });
    expect(of("qlora", 1)).toBeLessThan(of("lora", 1));
    expect(of("qlora", 16)).toBeGreaterThan(of("lora", 16));
  });

  test("65 billion parameters in 4 bits train on one card of 48 GB, in 16 bits on none of 80", () => {
    const model = modelOf({
      hidden_size: 8192,
      num_hidden_layers: 80,
      num_attention_heads: 64,
      num_key_value_heads: 64,
      intermediate_size: 22016,
      vocab_size: 32000,
    });
    const one = { model, rows: 1, length: 512, stack: stackRules["llama-factory"] };
    expect(expected({ ...one, trained: { ...lora, kind: "qlora" } })).toBeLessThan(48e9);
    expect(expected(one)).toBeGreaterThan(80e9);
  });
});

test("programs are found by the names that people use", () => {
  expect(findStack("TRL")?.name).toBe("hf-trl");
  expect(findStack("hf-peft")?.name).toBe("hf-loop");
  expect(findStack("LLaMA Factory")?.name).toBe("llama-factory");
  expect(findStack("nobody")).toBeNull();
});
