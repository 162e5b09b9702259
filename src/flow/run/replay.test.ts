/**
 * @file Recorded runs of the engine, good and bad, shown to the guards of the training loop step by step. What is good
 * and what is bad stands in the head of bench/guards/record.mjs.
 */
import { describe, expect, test } from "vitest";
import { accountOf, courseOf, type Recorded, readRecordings, replay } from "../../../test/support/replay.ts";
import type { CurveGuard } from "../../guard/index.ts";

const runs = readRecordings("bench/guards/runs.jsonl");
/** What `guards: stop` lets stop. */
const stopping: readonly CurveGuard[] = ["divergence", "learning", "overfitting", "doomed"];
const of = (seeds: readonly number[]): Recorded[] => runs.filter(({ seed }) => seeds.includes(seed));

test("there are enough runs of each kind, with rates from 1e-5 to 1 and losses that are no number", () => {
  const rates = runs.map(({ rate }) => rate);
  expect([Math.min(...rates), rates.includes(1)]).toEqual([1e-5, true]);
  expect(new Set(runs.map(({ task }) => task)).size).toBe(4);
  expect(runs.filter(({ broken }) => broken !== null).length).toBeGreaterThanOrEqual(5);
  for (const course of ["good", "bad", "past-best"] as const) {
    expect(runs.filter((run) => courseOf(run) === course).length).toBeGreaterThanOrEqual(30);
  }
});
