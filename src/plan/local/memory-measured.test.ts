/**
 * @file Planned memory beside measured: every row of `measured-here.json`, which `bench/memory-here.mjs` wrote.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeModel } from "../../catalog/index.ts";
import { bytes } from "../../quantity/index.ts";
import type { MethodSection, TrainingSection } from "../../recipe/index.ts";
import { planAdapter } from "../adapter.ts";
import type { MemoryEstimate } from "../plan.ts";
import { estimateMemory } from "./memory.ts";
import { judgedShapes, trainShapes } from "./memory-shapes.ts";

type Length = readonly [tokens: number, labelledTokens: number, promptTokens: number];

/** One run: what it was planned from, and the largest resident memory of its process. */
interface MeasuredRow {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly training: Pick<TrainingSection, "batchSize" | "batching" | "optimizer"> & {
    readonly recompute: "none" | "layer";
  };
  readonly method: Pick<MethodSection, "rank" | "targets">;
  readonly evaluation: { readonly batchSize: number; readonly maxNewTokens: number };
  readonly maxLength: number;
  readonly sharedPrefixTokens: number;
  readonly lengths: Readonly<Record<"train" | "validation" | "test", readonly Length[]>>;
  readonly measured: number;
}

const { command, rows } = JSON.parse(
  readFileSync(new URL("measured-here.json", import.meta.url), "utf8"),
) as { readonly command: string; readonly rows: readonly MeasuredRow[] };

/** As `planRun` does it: every run here judges answers and losses where it has rows to judge. */
function planned(row: MeasuredRow): MemoryEstimate {
  const { config, training, method, evaluation, maxLength, sharedPrefixTokens: shared, lengths } = row;
  const { model } = describeModel(config);
  if (!model) throw new Error(`${row.name}: the configuration describes no model`);
  const of = (part: readonly Length[]) =>
    part.map(([tokens, labelledTokens, promptTokens]) => ({ tokens, labelledTokens, promptTokens }));
  const judged = (part: readonly Length[]) =>
    part.length > 0 ? judgedShapes(of(part), maxLength, shared) : null;
  const prompts = lengths.test.map(([, , prompt]): Length => [prompt, 1, prompt]);
  return estimateMemory({
    model,
    adapter: planAdapter(model, { kind: "lora", ...method }),
    optimizer: training.optimizer,
    optimizerState: "memory",
    importance: { held: [], sums: [], tokens: 0 },
    base: { holding: { format: "float32", place: "memory" }, perWeight: 4 },
    recompute: training.recompute,
    train: trainShapes(of(lengths.train), training, maxLength, shared),
    validation: judged(lengths.validation),
    loss: judged(lengths.test),
    forgetting: null,
    generate:
      prompts.length > 0
        ? {
            rows: Math.min(evaluation.batchSize, prompts.length),
            tokens: Math.max(...prompts.map(([length]) => length)) + evaluation.maxNewTokens,
            prompts: judgedShapes(of(prompts), maxLength, shared),
          }
        : null,
    memoryBytes: bytes(24e9),
  });
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
    expect(kinds(({ training }) => training.recompute)).toBe(2);
    expect(kinds(({ training }) => training.optimizer)).toBe(2);
    expect(kinds(({ training }) => training.batching)).toBe(3);
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
