import { expect, test } from "vitest";
import { effectiveConfiguration, readRecipe } from "../../recipe/index.ts";
import type { ComparedRun } from "./compared-run.ts";
import { type RunOfVariant, variantsOf } from "./variants.ts";

const questions = Array.from({ length: 40 }, (_, at) => `question ${at}`);

function run(id: string, lines: string, right: number, changes: Partial<ComparedRun> = {}): RunOfVariant {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${lines}\n`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  const line: ComparedRun = {
    id,
    status: "completed",
    method: "LoRA 16",
    metric: "exact_match",
    base: 0,
    validationLoss: null,
    trivial: null,
    result: null,
    tuned: { value: right / questions.length, low: null, high: null },
    perplexityRise: null,
    taskDrop: null,
    forgetting: null,
    memoryBytesPeak: 1e9,
    wallSeconds: 10,
    spentMicroUsd: 0,
    incomparableBecause: [],
    ...changes,
  };
  const outcomes = questions.map((_, at) => ({ value: at < right ? 1 : 0, weight: 1 }));
  return {
    line,
    configuration: effectiveConfiguration(recipe),
    judged: { questions, outcomes: { exact_match: outcomes } },
  };
}

test("runs that differ in their seed are one way; ways are compared with the first", () => {
  const seeds = [1, 2, 3].map((seed) => run(`a${seed}`, `training: { seed: ${seed} }`, 30 + seed));
  const worse = run("b", "method: { kind: qlora }", 10, { method: "QLoRA 16", memoryBytesPeak: 5e8 });
  const [first, second] = variantsOf([...seeds, worse]);
  expect(first).toMatchObject({ method: "LoRA 16", runs: ["a1", "a2", "a3"], difference: null });
  expect(first?.score?.mean).toBeCloseTo(32 / 40, 10);
  expect(first?.score).toMatchObject({ least: 31 / 40, most: 33 / 40 });
  expect(second).toMatchObject({ method: "QLoRA 16", runs: ["b"], memoryBytesPeak: 5e8 });
  expect(second?.difference).toMatchObject({ rows: 40, verdict: "worse" });
});

test("two ways of one method are told apart by what differs", () => {
  const names = variantsOf([
    run("a", "training: { learning_rate: 1e-3 }", 20),
    run("b", "training: { learning_rate: 2e-3 }", 20),
  ]).map(({ method }) => method);
  expect(names).toEqual(["LoRA 16, training.learning_rate 0.001", "LoRA 16, training.learning_rate 0.002"]);
});

test("no difference over other rows, or rows that were not kept; runs of another task are no way", () => {
  const other = run("b", "method: { rank: 4 }", 20);
  const asked = { ...other, judged: other.judged && { ...other.judged, questions: ["another"] } };
  const bare = { ...run("c", "method: { rank: 2 }", 20), judged: null };
  const unlike = run("d", "method: { rank: 1 }", 20, { incomparableBecause: ["model"] });
  const failed = run("e", "method: { rank: 3 }", 20, { status: "failed" });
  const variants = variantsOf([run("a", "", 20), asked, bare, unlike, failed]);
  expect(variants.map(({ runs, difference }) => [runs, difference])).toEqual([
    [["a"], null],
    [["b"], null],
    [["c"], null],
  ]);
  expect(variantsOf([])).toEqual([]);
});
