/**
 * @file Replays recorded runs of the engine to the guards of the training loop, step by step. The comment at the top of
 * bench/guards/record.mjs defines good and bad runs.
 */
import { describe, expect, test } from "vitest";
import {
  accountOf,
  againstUsual,
  courseOf,
  firstStop,
  type Recorded,
  readRecordings,
  replay,
  withLooksEvery,
} from "../../../../../test/support/replay.ts";
import type { CurveGuard } from "../../guard/index.ts";

const runs = readRecordings("bench/guards/runs.jsonl");
/** Guards that may stop a run with `guards: stop`. */
const stopping: readonly CurveGuard[] = ["divergence", "no-progress", "overfitting", "futility"];
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

describe("stops by 35 % of the steps", () => {
  test.each([
    ["on which thresholds were chosen", [1, 2], 91, 98, 1, 70],
    ["held out", [3], 45, 50, 0, 34],
    ["held out, and not looked at before", [4], 45, 48, 0, 35],
  ])("seeds %s", (_, seeds, badStopped, bad, goodStopped, good) => {
    const account = accountOf(of(seeds), stopping);
    expect(account).toMatchObject({ badStopped, bad, goodStopped, good });
    expect(account.robbed).toBeLessThanOrEqual(1);
    expect(account.savedShare).toBeGreaterThan(0.74);
  });

  test("held out: nine bad runs of ten, and at most two good ones of a hundred", () => {
    const { bad, badStopped, good, goodStopped } = accountOf(of([3, 4]), stopping);
    expect(badStopped / bad).toBeGreaterThanOrEqual(0.9);
    expect(goodStopped / good).toBeLessThanOrEqual(0.02);
  });

  test.each([
    ["ten", 16, 0.75],
    ["four", 40, 0.5],
  ])("with %s looks fewer are, and still no good one", (_, steps, share) => {
    const { bad, badStopped, goodStopped } = accountOf(withLooksEvery(of([3, 4]), steps), stopping);
    expect(badStopped / bad).toBeGreaterThan(share);
    expect(badStopped / bad).toBeLessThan(0.8);
    expect(goodStopped).toBe(0);
  });
});

test("a strong target is judged badly where losses go to zero: docs/guards.md says how badly", () => {
  const known = againstUsual(of([3, 4]), runs);
  const unknown = known.map((run) => ({ ...run, course: [] }));
  const robbed = [known, unknown].map((list) => accountOf(list, stopping).robbed);
  const { good, pastBest } = accountOf(known, stopping);
  expect([...robbed, good + pastBest]).toEqual([9, 13, 31]);
});

test("runs whose loss is no number are stopped at the latest there", () => {
  const broken = runs.filter((run) => run.broken !== null);
  const stops = broken.map(
    (run) => [run.broken, firstStop(replay(run), stopping)?.step ?? Number.NaN] as const,
  );
  expect(stops.filter(([at, step]) => !(step <= (at ?? 0)))).toEqual([]);
});

test("a rate that is a hundredfold for ten steps is found while it lasts, or soon after", () => {
  const glitches = runs.filter(({ setting }) => setting === "glitch");
  const found = glitches.map((run) => firstStop(replay(run), ["divergence"])?.step ?? Number.NaN);
  expect(found.length).toBe(16);
  expect(found.every((step) => step > 70 && step <= 100)).toBe(true);
});
