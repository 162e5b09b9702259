import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveTraining, epochsFor, learningRateFor } from "./derive.ts";
import { readRecipe, requireRecipe } from "./read.ts";

const minimal = "model: owner/name\ndata: { train: rows.jsonl }\n";
const llama1b = { hiddenSize: 2048, family: "llama", trainRows: 2000 };

function derived(text: string, facts = llama1b) {
  const reading = readRecipe(minimal + text, "tunewise.yaml");
  return deriveTraining(requireRecipe(reading, "tunewise.yaml"), reading.open, facts);
}

describe("settings that a recipe leaves out", () => {
  it("are filled in and explained; what it names stays", () => {
    expect(derived("").derived.map(({ key }) => key)).toEqual(["training.epochs", "training.learning_rate"]);
    const named = derived("training: { epochs: 1, learning_rate: 0.01 }\n");
    expect(named.derived).toEqual([]);
    expect(named.recipe.training).toMatchObject({ epochs: 1, learningRate: 0.01 });
    expect(derived("training: { steps: 40 }\n").derived.map(({ key }) => key)).toEqual([
      "training.learning_rate",
    ]);
  });

  it("are a fixed point: deriving again changes nothing", () => {
    const { recipe } = derived("");
    expect(deriveTraining(recipe, ["epochs", "learningRate"], llama1b).recipe).toEqual(recipe);
  });
});

describe("the learning rate", () => {
  const { method } = derived("").recipe;
  const rate = (change: Partial<typeof method>, width = 2048, steps = 1000, family = "llama") =>
    learningRateFor({ ...method, ...change }, { ...llama1b, hiddenSize: width, family }, steps);

  it("falls with the width, as the source says for Llama of 1, 8 and 70 billion weights", () => {
    expect(rate({}, 2048, 1e9)).toBeCloseTo(4.9e-4, 5);
    expect(rate({}, 4096, 1e9)).toBeCloseTo(2.9e-4, 5);
    expect(rate({}, 8192, 1e9)).toBeCloseTo(1.7e-4, 5);
    expect(rate({}, 3584, 1e9, "qwen2")).toBeCloseTo(4.8e-4, 5);
  });

  it("of LoRA is ten times that of all weights, 15 times in short runs, whatever the rank", () => {
    expect(rate({}, 2000, 1e9) / rate({ kind: "full" }, 2000, 1e9)).toBeCloseTo(10, 1);
    expect(rate({}, 2000, 50) / rate({ kind: "full" }, 2000, 50)).toBeCloseTo(15, 1);
    for (const rank of [1, 8, 64, 256]) expect(rate({ rank })).toBe(rate({}));
    expect(rate({ kind: "qlora" })).toBe(rate({}));
  });

  it("makes up for another alpha, by the rank or by its root", () => {
    expect(rate({ alpha: 64 })).toBeCloseTo(rate({}) / 2, 5);
    expect(rate({ alpha: 8, rslora: true })).toBe(rate({}));
  });

  it("is one that AdamW bears, for any model and method", () => {
    const settings = fc.record({
      width: fc.integer({ min: 1, max: 100_000 }),
      steps: fc.integer({ min: 1, max: 1_000_000 }),
      alpha: fc.double({ min: 0.1, max: 4096, noNaN: true }),
      rank: fc.integer({ min: 1, max: 1024 }),
      family: fc.constantFrom("llama", "qwen2", "gemma2", "__proto__"),
      rslora: fc.boolean(),
      kind: fc.constantFrom("lora" as const, "qlora" as const, "full" as const),
    });
    fc.assert(
      fc.property(settings, ({ width, steps, family, ...change }) => {
        const found = rate(change, width, steps, family);
        expect(found).toBeGreaterThan(0);
        expect(found).toBeLessThanOrEqual(1e-2);
      }),
    );
  });
});

describe("epochs", () => {
  it.each([
    [1, 10],
    [135, 10],
    [400, 6],
    [800, 3],
    [8000, 3],
    [10_000, 2],
    [100_000, 1],
  ])("for %i rows: %i", (rows, epochs) => {
    expect(epochsFor(rows)).toBe(epochs);
  });

  it("never show fewer rows in all for more rows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), (rows) => {
        const seen = rows * epochsFor(rows);
        expect(seen).toBeGreaterThanOrEqual(Math.min(10 * rows, 2400, 25_000));
        expect(Number.isInteger(epochsFor(rows))).toBe(true);
      }),
    );
  });
});
