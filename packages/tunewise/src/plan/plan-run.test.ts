import { bytes } from "@tunewise/core/quantity";
import type { LossName } from "@tunewise/core/run";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeModel, type ModelDescription } from "../catalog/index.ts";
import {
  defaultChecks,
  defaultDecision,
  defaultForgetting,
  defaultGuards,
  defaultPlan,
  defaultRetrieval,
  defaultSafety,
  defaultSearch,
  type Recipe,
} from "../recipe/index.ts";
import { readPlan, writePlan } from "./document.ts";
import { emptyMarket, type PlanInput, rowLengths } from "./input.ts";
import { estimateMemory } from "./local/memory.ts";
import type { Plan } from "./plan.ts";
import { planRun } from "./plan-run.ts";

const smol = {
  model_type: "llama",
  hidden_size: 576,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  intermediate_size: 1536,
  vocab_size: 49152,
  max_position_embeddings: 8192,
  tie_word_embeddings: true,
};

function modelOf(change: Record<string, unknown> = {}): ModelDescription {
  const { model } = describeModel({ ...smol, ...change });
  if (!model) throw new Error("the configuration describes no model");
  return model;
}

const recipe: Recipe = {
  name: "tickets",
  model: {
    source: "HuggingFaceTB/SmolLM2-135M-Instruct",
    revision: "main",
    architecture: null,
    chatTemplate: null,
    chatTemplateKwargs: null,
  },
  data: {
    mix: null,
    train: "train.jsonl",
    validation: null,
    test: null,
    split: { validation: 0.1, test: 0.1, seed: 1, by: "rows" },
    format: "auto",
    columns: null,
    answers: null,
    textColumn: null,
    sampleBy: "document",
    group: null,
    time: null,
    system: null,
    promptTemplate: "{prompt}",
    maxLength: 512,
    overflow: "truncate",
    loss: "completion",
    trainOn: "all",
    reasoning: "train",
    rows: { train: null, validation: null, test: null },
    badRows: "error",
  },
  checks: defaultChecks,
  comparison: [],
  retrieval: defaultRetrieval,
  decision: defaultDecision,
  search: defaultSearch,
  task: {
    kind: "classify",
    metrics: ["accuracy"],
    labels: [],
    pattern: null,
    schema: null,
    database: null,
    assertions: null,
  },
  method: {
    kind: "lora",
    rank: 8,
    alpha: 16,
    rslora: false,
    dora: false,
    rankPattern: {},
    alphaPattern: {},
    dropout: 0,
    targets: "all-linear",
    doubleQuantization: true,
    calibrate: false,
    freeze: [],
  },
  training: {
    epochs: 2,
    steps: null,
    batchSize: 4,
    gradientAccumulationSteps: 2,
    loss: "nll",
    learningRate: 1e-4,
    schedule: "cosine",
    warmup: 0.03,
    optimizer: "adamw",
    optimizerState: "memory",
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradNorm: 1,
    batching: "length",
    seed: 1,
    evaluateEvery: null,
    checkpointEvery: null,
    checkpointSelection: "best",
    precision: "auto",
    masterDtype: "auto",
    gradientCheckpointing: "none",
  },
  regularization: {
    method: "none",
    reference: "general",
    lambda: 10,
    examples: 64,
    length: 128,
    estimator: "empirical",
    fisher: "factored",
    earlier: [],
    gamma: 0.9,
    share: 0.1,
  },
  evaluation: {
    rows: null,
    maxNewTokens: 32,
    decoding: "free",
    temperature: 0,
    topP: 1,
    batchSize: 8,
    base: true,
    memorization: 32,
  },
  forgetting: defaultForgetting,
  guards: defaultGuards,
  safety: defaultSafety,
  budget: { usd: null, minutes: null },
  machine: { usdPerHour: 0.4, source: "list price, 2026-11-01", threads: null, weights: "auto" },
  plan: defaultPlan,
  tracking: { mlflow: null, wandb: null, entity: null, experiment: null },
  output: ".tunewise",
};

const rows = (count: number, tokens: number) =>
  Array.from({ length: count }, (_, i) => ({
    tokens: tokens + (i % 7),
    labelledTokens: 6,
    promptTokens: tokens + (i % 7) - 6,
  }));

const input: PlanInput = {
  recipe,
  model: modelOf(),
  lengths: { train: rows(400, 60), validation: rows(60, 60), test: rows(100, 60) },
  derived: [],
  sharedPrefixTokens: 0,
  machine: {
    memoryBytes: bytes(16e9),
    threads: 2,
    flopsPerSecond: 150e9,
    memoryBytesPerSecond: 15e9,
    compute: "fp32",
    storedWeightBytes: 4,
    probe: null,
  },
  judging: { answers: true, loss: true, detectableEffect: 0.15 },
  forgetting: null,
  basis: { recipeFingerprint: "r", dataFingerprint: "d", modelRevision: "m", pricesFingerprint: "p" },
  market: emptyMarket,
};

/** The input with changed sections of the recipe. */
function withRecipe(change: { [Section in keyof Recipe]?: Partial<Recipe[Section]> }): PlanInput {
  const sections = Object.entries(change).map(([name, section]) => [
    name,
    { ...(recipe[name as keyof Recipe] as object), ...(section as object) },
  ]);
  return { ...input, recipe: { ...recipe, ...(Object.fromEntries(sections) as Partial<Recipe>) } };
}

const codes = (changed: PlanInput) => planRun(changed).findings.map(({ code }) => code);

describe("a plan of known size", () => {
  const plan = planRun(input);
  test("steps and tokens", () => {
    expect(plan.schedule).toMatchObject({
      steps: 100,
      stepsPerEpoch: 50,
      microBatchesPerEpoch: 100,
      epochs: 2,
    });
    expect(plan.schedule).toMatchObject({ evaluations: 2, checkpoints: 2 });
    const perEpoch = input.lengths.train.reduce((sum, { tokens }) => sum + tokens, 0);
    expect(plan.data).toMatchObject({ trainRows: 400, tokensPerEpoch: perEpoch, longestTokens: 66 });
    expect(plan.schedule.tokens).toBe(2 * perEpoch);
  });
  test("trained parameters are LoRA's of rank 8 on all seven projections", () => {
    // PEFT prints 2,442,240 for this model.
    expect(plan.model.trainedParameters).toBe(2_442_240);
    expect(plan.model.parameters).toBe(134_515_008);
  });
  test("memory: weights as float32 are exact, terms add up, the biggest is named", () => {
    const train = plan.memory.phases.find(({ name }) => name === "train");
    const term = (name: string) => train?.terms.find((one) => one.name === name);
    expect(term("weights")?.bytes.expected).toBe(4 * 134_515_008);
    expect(term("adapter")?.bytes.expected).toBe(16 * 2_442_240);
    const sum = train?.terms.reduce((total, { bytes: size }) => total + size.expected, 0) ?? 0;
    expect(train?.bytes.expected).toBe(sum);
    expect(plan.memory).toMatchObject({ biggestTerm: "weights", fits: "yes", usableBytes: 14.4e9 });
    expect(plan.memory.ruleOfThumbBytes).toBe(12 * 134_515_008);
  });
  test("work per token: 4 per frozen weight, 6 per adapter value, attention, head on labelled tokens", () => {
    const linear = 30 * (2 * 576 * 576 + 2 * 576 * 192 + 3 * 576 * 1536);
    const floor = 4 * linear + 6 * 2_442_240;
    expect(plan.work.flopsPerToken).toBeGreaterThan(floor);
    expect(plan.work.flopsPerToken).toBeLessThan(1.15 * floor);
  });
  test("time adds up; money is time times price", () => {
    const sum = plan.time.parts.reduce((total, part) => total + part.seconds.expected, 0);
    expect(plan.time.seconds.expected).toBeCloseTo(sum, 9);
    expect(plan.time.parts.map(({ name }) => name)).toEqual([
      "start",
      "train",
      "validate",
      "save",
      "test-base",
      "test-tuned",
    ]);
    expect(plan.cost.usd.high).toBe(Math.round((400_000 * plan.time.seconds.high) / 3600));
    expect(plan.time.trainTokensPerSecond.low).toBeLessThan(plan.time.trainTokensPerSecond.high);
  });
  test("every range is in order, every term and part has its reason", () => {
    for (const { terms } of plan.memory.phases) for (const { reason } of terms) expect(reason).toMatch(/\w/);
    for (const part of plan.time.parts) {
      expect(part.seconds.low).toBeLessThanOrEqual(part.seconds.expected);
      expect(part.seconds.expected).toBeLessThanOrEqual(part.seconds.high);
    }
  });
});

describe("as a document", () => {
  const plan = planRun(input);
  test("same input, same plan, to the byte", () => {
    expect(writePlan(planRun(structuredClone(input)))).toBe(writePlan(plan));
  });
  test("another input, another fingerprint", () => {
    expect(planRun({ ...input, sharedPrefixTokens: 9 }).fingerprint).not.toBe(plan.fingerprint);
    const basis = { ...input.basis, dataFingerprint: "other" };
    expect(planRun({ ...input, basis }).fingerprint).not.toBe(plan.fingerprint);
  });
  test("goes to snake_case and back", () => {
    const text = writePlan(plan);
    expect(Object.keys(JSON.parse(text) as object)).toContain("format_version");
    expect(text).not.toMatch(/"[a-z]+[A-Z]\w*":/);
    expect(readPlan(text)).toEqual({ plan, findings: [], reason: null });
  });
  test.each([
    ["not JSON", "{", "not valid JSON"],
    ["another thing", "[]", "not an object"],
    [
      "another version",
      writePlan(plan).replace('"format_version": 2', '"format_version": 3'),
      "format_version",
    ],
    [
      "a changed step count",
      writePlan(plan).replace('"steps": 100', '"steps": 10'),
      "changed after it was made",
    ],
    ["too deep", `{"format_version": 2, "a": ${"[".repeat(40)}${"]".repeat(40)}}`, "not valid JSON"],
    ["a prototype", '{"__proto__": {"formatVersion": 1}}', "format_version"],
    ["too long", " ".repeat(1_000_001), "too long for a plan"],
  ])("%s is refused", (_, text, reason) => {
    const { plan: read, findings } = readPlan(text);
    expect(read).toBeNull();
    expect(findings).toMatchObject([{ code: "PLAN_UNREADABLE", severity: "error" }]);
    expect(findings[0]?.detail).toContain(reason);
  });
});

describe("rising", () => {
  const size = fc.integer({ min: 1, max: 16 });
  const recompute = fc.constantFrom("none" as const, "layer" as const);
  const batching = fc.constantFrom("shuffle" as const, "length" as const);
  /** Expects that memory does not decrease from the first input to the second, which is larger in one respect. */
  function expectRising(small: PlanInput, large: PlanInput): void {
    const [a, b] = [planRun(small), planRun(large)];
    for (const point of ["low", "expected", "high"] as const) {
      expect(a.memory.peakBytes[point]).toBeLessThanOrEqual(b.memory.peakBytes[point]);
    }
  }
  const check = (name: string, change: (value: number, base: PlanInput) => PlanInput): void => {
    test(`with ${name}`, () => {
      fc.assert(
        fc.property(size, size, recompute, batching, (value, more, how, order) => {
          const base = withRecipe({ training: { gradientCheckpointing: how, batching: order } });
          expectRising(change(value, base), change(value + more, base));
        }),
        { seed: 7, numRuns: 20 },
      );
    });
  };
  const training = (base: PlanInput, change: Partial<Recipe["training"]>): PlanInput => ({
    ...base,
    recipe: { ...base.recipe, training: { ...base.recipe.training, ...change } },
  });
  check("batch size", (batchSize, base) => training(base, { batchSize }));
  check("length", (length, base) => ({
    ...base,
    lengths: { ...base.lengths, train: rows(50, 20 * length) },
  }));
  check("rank", (rank, base) => ({
    ...base,
    recipe: { ...base.recipe, method: { ...recipe.method, rank } },
  }));
  check("layers", (layers, base) => ({ ...base, model: modelOf({ num_hidden_layers: layers }) }));
  check("vocabulary", (words, base) => ({ ...base, model: modelOf({ vocab_size: 4096 * words }) }));
});

test("time rises with rows, length, rank and layers", () => {
  const at = (changed: PlanInput) => planRun(changed).time.seconds.expected;
  const base = at(input);
  expect(at({ ...input, lengths: { ...input.lengths, train: rows(800, 60) } })).toBeGreaterThan(base);
  expect(at({ ...input, lengths: { ...input.lengths, train: rows(400, 120) } })).toBeGreaterThan(base);
  expect(at(withRecipe({ method: { rank: 64 } }))).toBeGreaterThan(base);
  expect(at(withRecipe({ training: { gradientCheckpointing: "layer" } }))).toBeGreaterThan(base);
  expect(at({ ...input, model: modelOf({ num_hidden_layers: 40 }) })).toBeGreaterThan(base);
  expect(at({ ...input, sharedPrefixTokens: 30 })).toBeLessThan(base);
});

test("recomputing never raises memory, save in a model of very few layers, where it is not chosen", () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 40 }), fc.integer({ min: 1, max: 64 }), (layers, batchSize) => {
      const model = modelOf({ num_hidden_layers: layers });
      const at = (recompute: "none" | "layer") =>
        planRun({ ...withRecipe({ training: { gradientCheckpointing: recompute, batchSize } }), model })
          .memory.peakBytes;
      expect(at("layer").expected).toBeLessThanOrEqual(at("none").expected);
    }),
    { seed: 7, numRuns: 30 },
  );
});

test("auto does not recompute where that takes more", () => {
  const model = modelOf({ num_hidden_layers: 1 });
  const at = (recompute: "none" | "layer" | "auto") =>
    planRun({
      ...withRecipe({ training: { gradientCheckpointing: recompute, batchSize: 16 } }),
      model,
      machine: { ...input.machine, memoryBytes: bytes(1e8) },
    });
  expect(at("layer").memory.peakBytes.high).toBeGreaterThan(at("none").memory.peakBytes.high);
  expect(at("auto").schedule.recompute).toBe("none");
});

test("auto recomputes only where keeping everything might not fit", () => {
  const auto = withRecipe({ training: { gradientCheckpointing: "auto", batchSize: 16 } });
  expect(planRun(auto).schedule.recompute).toBe("none");
  const small = { ...auto, machine: { ...input.machine, memoryBytes: bytes(2e9) } };
  expect(planRun(small).schedule.recompute).toBe("layer");
});

test("a tied table counts once in memory", () => {
  const at = (tied: boolean) =>
    planRun({ ...input, model: modelOf({ tie_word_embeddings: tied }) }).memory.peakBytes.expected;
  expect(at(false) - at(true)).toBe(4 * 49152 * 576);
});

test("generation can be the peak: its cache grows with the answers", () => {
  const long = planRun(withRecipe({ evaluation: { maxNewTokens: 4096, batchSize: 64 } }));
  expect(long.memory).toMatchObject({ peakPhase: "generate" });
  const plain = { ...input, judging: { answers: false, loss: false, detectableEffect: null } };
  expect(planRun(plain).memory.phases.map(({ name }) => name)).toEqual(["train", "validate"]);
});

test("a trained head computes other losses than the likelihood in two passes", () => {
  const planOf = (kind: "lora" | "full", loss: LossName) =>
    planRun(withRecipe({ method: { kind }, training: { loss } }));
  const [nll, dft] = [planOf("full", "nll"), planOf("full", "dft")];
  const labels = input.lengths.train.reduce((sum, row) => sum + row.labelledTokens, 0);
  const epochs = nll.schedule.epochs;
  // one product with the table for each label
  expect(dft.work.flopsTrain - nll.work.flopsTrain).toBeCloseTo(epochs * labels * 2 * 576 * 49152, -3);
  const heads = (plan: Plan) => plan.memory.phases[0]?.terms.filter(({ name }) => name === "logits").length;
  expect([heads(nll), heads(dft)]).toEqual([1, 2]);
  expect(planOf("lora", "dft").work).toEqual(planOf("lora", "nll").work);
  expect(planOf("lora", "dft").memory).toEqual(planOf("lora", "nll").memory);
});

test("SGD keeps one array less", () => {
  const needs = {
    model: modelOf(),
    adapter: { kind: "lora", targets: ["q_proj"], rank: 1, parameters: 1_000_000 },
    recompute: "none",
    train: {
      layouts: [{ rows: 1, tokens: 10, longest: 10, labelledTokens: 2, prefix: 0 }],
      labelledTokens: 2,
    },
    validation: null,
    forgetting: null,
    loss: null,
    generate: null,
    memoryBytes: bytes(1e10),
    calibration: null,
    optimizerState: "memory",
    hasTwoHeads: false,
    importance: { held: [], sums: [], tokens: 0 },
    base: { holding: { format: "float32", place: "memory" }, perWeight: 4 },
  } as const;
  const at = (optimizer: "adamw" | "sgd") => estimateMemory({ ...needs, optimizer }).peakBytes.expected;
  expect(at("adamw") - at("sgd")).toBe(4e6);
});

test("a measured rate narrows the range, an unmeasured one says so", () => {
  const spread = (changed: PlanInput) => {
    const { low, high } = planRun(changed).time.seconds;
    return high / low;
  };
  const guessed = {
    ...input,
    machine: { ...input.machine, flopsPerSecond: null, memoryBytesPerSecond: null, probe: null },
  };
  expect(spread(guessed)).toBeGreaterThan(1.5 * spread(input));
  expect(codes(guessed)).toContain("RATE_NOT_MEASURED");
  expect(codes(input)).not.toContain("RATE_NOT_MEASURED");
});

test("a weak estimate of speed never beats the streaming of weights", () => {
  const fast = { ...input, machine: { ...input.machine, flopsPerSecond: 1e18 } };
  const train = planRun(fast).time.parts.find(({ name }) => name === "train");
  const passes = 2 * 200 * 4 * (30 * (2 * 576 * 576 + 2 * 576 * 192 + 3 * 576 * 1536));
  expect(train?.seconds.expected).toBeGreaterThanOrEqual(passes / 15e9);
});

describe("advice", () => {
  test.each([
    ["no training rows", { ...input, lengths: { ...input.lengths, train: [] } }, "TRAIN_EMPTY", "error"],
    [
      "too little memory",
      { ...input, machine: { ...input.machine, memoryBytes: bytes(5e8) } },
      "MEMORY_TOO_SMALL",
      "error",
    ],
    ["no target fits", withRecipe({ method: { targets: ["c_attn"] } }), "TARGETS_UNKNOWN", "error"],
    ["a cap too small", withRecipe({ budget: { usd: null, minutes: 1 } }), "BUDGET_TOO_SMALL", "warning"],
    [
      "a cap in dollars too small",
      withRecipe({ budget: { usd: 0.001, minutes: null } }),
      "BUDGET_TOO_SMALL",
      "warning",
    ],
    [
      "beyond the context",
      { ...input, model: modelOf({ max_position_embeddings: 64 }) },
      "LENGTH_OVER_CONTEXT",
      "warning",
    ],
    [
      "few validation rows",
      { ...input, lengths: { ...input.lengths, validation: rows(10, 60) } },
      "VALIDATION_TOO_SMALL",
      "warning",
    ],
    ["test rows show little", input, "TEST_TOO_SMALL", "warning"],
    [
      "padding",
      {
        ...withRecipe({ training: { batching: "shuffle", batchSize: 16 } }),
        lengths: { ...input.lengths, train: [...rows(200, 20), ...rows(30, 400)] },
      },
      "PADDING_WASTEFUL",
      "note",
    ],
  ] as [string, PlanInput, string, string][])("%s", (_, changed, code, severity) => {
    const found = planRun(changed).findings.find((finding) => finding.code === code);
    expect(found?.severity).toBe(severity);
    expect(found?.fix).toMatch(/\w/);
  });

  test("a good plan has none that blocks, and a cap that holds is not spoken of", () => {
    const capped = withRecipe({ budget: { usd: null, minutes: 600 } });
    expect(planRun(capped).findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(codes(capped).filter((code) => code.startsWith("BUDGET"))).toEqual([]);
  });

  test("a cap, or a memory, that holds only if all goes well is spoken of", () => {
    const { time, memory } = planRun(input);
    const minutes = (time.seconds.expected + time.seconds.high) / 120;
    expect(codes(withRecipe({ budget: { usd: null, minutes } }))).toContain("BUDGET_TIGHT");
    // the planner uses only a share of the machine's memory, so search for a size between the two thresholds
    const sizes = Array.from({ length: 200 }, (_, at) => bytes(memory.peakBytes.expected * (0.8 + at / 100)));
    const isTight = (memoryBytes: (typeof sizes)[number]): boolean =>
      codes({ ...input, machine: { ...input.machine, memoryBytes } }).includes("MEMORY_TIGHT");
    expect(sizes.some(isTight)).toBe(true);
  });

  test("the caps and steps that are advised hold", () => {
    const { expected } = planRun(input).time.seconds;
    const short = withRecipe({ budget: { usd: null, minutes: (0.7 * expected) / 60 } });
    const fix = planRun(short).findings.find(({ code }) => code === "BUDGET_TOO_SMALL")?.fix ?? "";
    const [minutes, steps] = [/minutes to (\d+)/, /steps to (\d+)/].map((pattern) =>
      Number(pattern.exec(fix)?.[1]),
    );
    expect(planRun(withRecipe({ budget: { usd: null, minutes: minutes ?? 0 } })).budget.covers).toBe("high");
    const cut = withRecipe({
      budget: { usd: null, minutes: (0.7 * expected) / 60 },
      training: { steps: steps ?? 0 },
    });
    expect(planRun(cut).budget.covers).toBe("expected");
  });

  test("errors come first", () => {
    const bad = withRecipe({ budget: { usd: null, minutes: 0.1 }, method: { targets: ["none"] } });
    const severities = planRun(bad).findings.map(({ severity }) => severity);
    expect(severities).toEqual([...severities].sort());
    expect(severities[0]).toBe("error");
  });
});

test("an empty plan has no NaN in it", () => {
  const empty = planRun({ ...input, lengths: { train: [], validation: [], test: [] } });
  // JSON turns NaN into null, and these values are never null.
  expect(writePlan(empty)).not.toMatch(/"(low|expected|high|flops_\w+|padded_share|epochs)": null/);
  expect(empty.schedule).toMatchObject({ steps: 0, tokens: 0, evaluations: 0 });
  expect(empty.time.seconds.expected).toBeGreaterThan(0);
  expect(empty.work.flopsPerToken).toBe(0);
});

test("explicit steps override epochs", () => {
  const { schedule } = planRun(withRecipe({ training: { steps: 25, evaluateEvery: 10 } }));
  expect(schedule).toMatchObject({ steps: 25, epochs: 0.5, evaluations: 3, checkpoints: 3 });
});

test("lengths come from encoded rows", () => {
  const row = { ids: Int32Array.of(1, 2, 3), labelled: Uint8Array.of(0, 0, 1), promptLength: 2, example: 0 };
  expect(rowLengths([row])).toEqual([{ tokens: 3, labelledTokens: 1, promptTokens: 2 }]);
});
