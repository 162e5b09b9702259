/**
 * @file Planned memory compared with measurements: every row of `measured-here.json`, which `bench/memory-here.mjs`
 * wrote.
 */
import { readFileSync } from "node:fs";
import { bytes } from "@tunewise/core/quantity";
import type { Splits } from "@tunewise/core/rows";
import { describe, expect, test } from "vitest";
import { describeModel } from "../../catalog/index.ts";
import { type Recipe, readRecipe } from "../../recipe/index.ts";
import { planAdapter } from "../adapter.ts";
import type { RowLength } from "../input.ts";
import type { MemoryEstimate } from "../plan.ts";
import { stackRules } from "../stack/rules.ts";
import { chooseMemory, type MemoryInput } from "./choose-memory.ts";

type Length = readonly [tokens: number, labelledTokens: number, promptTokens: number];

/** One run: the inputs of its plan, and the peak resident memory of its process. */
interface MeasuredRow extends Pick<MemoryInput, "sharedPrefixTokens" | "judging"> {
  readonly name: string;
  /** The recipe of the run, except the folder of its model. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly storedWeightBytes: number;
  /** Whether forgetting was measured. */
  readonly watches: boolean;
  readonly lengths: Splits<Length>;
  readonly measured: number;
}

/** The file. The texts for measuring forgetting are the same for all rows. */
interface Measured {
  readonly command: string;
  readonly forgetting: { readonly rows: readonly Length[]; readonly prompts: readonly Length[] };
  readonly rows: readonly MeasuredRow[];
}

const { command, rows, forgetting } = JSON.parse(
  readFileSync(new URL("measured-here.json", import.meta.url), "utf8"),
) as Measured;

const lengthsOf = (part: readonly Length[]): RowLength[] =>
  part.map(([tokens, labelledTokens, promptTokens]) => ({ tokens, labelledTokens, promptTokens }));

function recipeOf({ name, recipe }: MeasuredRow): Recipe {
  const read = readRecipe(JSON.stringify({ ...recipe, model: "owner/model" }), `${name}.yaml`);
  if (!read.recipe) throw new Error(`${name}: ${JSON.stringify(read.problems)}`);
  return read.recipe;
}

/** Plans memory as `planRun` does. */
function planned(row: MeasuredRow): MemoryEstimate {
  const { model } = describeModel(row.config);
  if (!model) throw new Error(`${row.name}: the configuration describes no model`);
  const recipe = recipeOf(row);
  const { train, validation, test } = row.lengths;
  const sample = { rows: lengthsOf(forgetting.rows), prompts: lengthsOf(forgetting.prompts) };
  const input = {
    recipe,
    model,
    lengths: { train: lengthsOf(train), validation: lengthsOf(validation), test: lengthsOf(test) },
    sharedPrefixTokens: row.sharedPrefixTokens,
    judging: row.judging,
    forgetting: row.watches ? { sample, prompts: sample.prompts } : null,
    machine: { memoryBytes: bytes(24e9), compute: "fp32" as const, storedWeightBytes: row.storedWeightBytes },
  };
  return chooseMemory(input, planAdapter(model, recipe.method, stackRules.worker)).estimate;
}

const scored = rows.map((row) => {
  const { low, expected, high } = planned(row).peakBytes;
  const error = expected / row.measured - 1;
  return { ...row, low, expected, high, error, isCovered: low <= row.measured && row.measured <= high };
});

const mb = (bytes: number): string => (bytes / 1e6).toFixed(0).padStart(5);
const lines = scored.map(({ name, low, expected, high, measured, error, isCovered }) => {
  const percent = `${(100 * error).toFixed(1).padStart(5)} %${isCovered ? "" : " outside"}`;
  return `${name.padEnd(22)}${mb(low)} ${mb(expected)} ${mb(high)}  ${mb(measured)}  ${percent}`;
});

describe(`measured by ${command}`, () => {
  test("the table in MB: low, expected, high, measured, error", () => {
    console.log(lines.join("\n"));
    expect(lines.length).toBe(rows.length);
  });
  test.each(scored)("$name: planned $expected ($low to $high), measured $measured", ({ error }) => {
    expect(Math.abs(error)).toBeLessThanOrEqual(0.1);
  });
  test("enough of them, of enough kinds", () => {
    expect(rows.length).toBeGreaterThanOrEqual(24);
    const kinds = (pick: (row: MeasuredRow) => unknown) => new Set(rows.map(pick)).size;
    expect(kinds(({ config }) => config["model_type"])).toBeGreaterThanOrEqual(4);
    const recipes = (pick: (recipe: Recipe) => unknown) => kinds((row) => pick(recipeOf(row)));
    expect(recipes(({ training }) => training.gradientCheckpointing)).toBe(2);
    expect(recipes(({ training }) => training.optimizer)).toBe(2);
    expect(recipes(({ training }) => training.batching)).toBe(3);
    expect(recipes(({ method }) => method.kind)).toBe(3);
    expect(
      recipes(({ regularization }) => `${regularization.method} ${regularization.fisher}`),
    ).toBeGreaterThanOrEqual(3);
    expect(kinds(({ watches }) => watches)).toBe(2);
  });
  test("half of the errors stay below 5 %, the range covers nine of ten", () => {
    const errors = scored.map(({ error }) => Math.abs(error)).sort((a, b) => a - b);
    expect(errors[errors.length >> 1]).toBeLessThanOrEqual(0.05);
    expect(scored.filter(({ isCovered }) => isCovered).length / scored.length).toBeGreaterThanOrEqual(0.9);
  });
  test("errors lean to neither side", () => {
    const mean = scored.reduce((sum, { error }) => sum + error, 0) / scored.length;
    expect(Math.abs(mean)).toBeLessThan(0.025);
  });
});
