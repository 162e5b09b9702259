/** @file The range of traced memory against the held-out rows opened once, as recorded by the benchmarks. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tracedFactors } from "../../packages/tunewise/src/plan/index.ts";

/** Measured peaks relative to the traced ones, as recorded at the first opening. */
function openedOnce(): number[] {
  const read = (name: string) =>
    JSON.parse(readFileSync(new URL(`../../bench/trace/results/${name}.json`, import.meta.url), "utf8"));
  const allocated: Record<string, number> = read("published")["kept apart, first opening"].errors;
  const reserved: Record<string, number> = read("reserved").errors;
  return [...Object.values(allocated), ...Object.values(reserved)].map((percent) => 1 / (1 + percent / 100));
}

test("the stated range holds nine in ten rows that were opened once, and is not wider than that takes", () => {
  const ratios = openedOnce().toSorted((a, b) => a - b);
  const { low, high } = tracedFactors;
  const inside = ratios.filter((one) => one >= low && one <= high).length;
  expect(ratios.length).toBe(26);
  expect(inside / ratios.length).toBeGreaterThanOrEqual(0.9);
  const left = Math.floor(ratios.length / 10);
  const widths = Array.from({ length: left + 1 }, (_, at) => {
    const [least = 0, most = 0] = [ratios[at], ratios[ratios.length - 1 - left + at]];
    return most - least;
  });
  expect(high - low).toBeLessThan(Math.min(...widths) + 0.03);
});
