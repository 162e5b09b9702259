import { range, type Seconds, seconds, usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import type { TimeEstimate, TimePartName } from "./plan.ts";
import { searchOutlook } from "./search-outlook.ts";

function time(parts: Partial<Record<TimePartName, number>>): TimeEstimate {
  const certain = (length: number) => range(seconds(length), seconds(length), seconds(length));
  const all = Object.values(parts).reduce((sum, length) => sum + length, 0);
  return {
    parts: Object.entries(parts).map(([name, length]) => ({
      name: name as TimePartName,
      seconds: certain(length),
      reason: "",
    })),
    seconds: certain(all),
    flopsPerSecond: range(1, 1, 1),
    isRateMeasured: true,
    isProbed: false,
    trainTokensPerSecond: range(1, 1, 1),
  };
}

const run = time({ start: 5, train: 900, validate: 30, "test-tuned": 65 });
const schedule = { steps: 300, evaluations: 3 };

test("a rate that nobody searched: nine trials, three of them to a third, one to the end", () => {
  const outlook = searchOutlook(run, schedule, usd(0), false);
  // 9/9 + 3 x 2/9 + 2/3 trainings, and 13 segments with startup and one evaluation on the validation rows each
  const expected = (1 + 2 / 3 + 2 / 3) * 900 + 13 * (5 + 10);
  expect(outlook?.seconds.expected).toBeCloseTo(expected, 6);
  expect(outlook?.timesRun).toBeCloseTo(expected / 1000, 6);
  expect(outlook).toMatchObject({ trials: 9, usd: { expected: 0 }, rangeTest: null });
});

test("on a machine with a price it costs money, and a range test is said where the run is long beside it", () => {
  const outlook = searchOutlook(run, { ...schedule, steps: 900 }, usd(3.6), false);
  expect((outlook?.usd.expected ?? 0) / 1e6).toBeCloseTo((outlook?.seconds.expected ?? 0) / 1000, 3);
  expect(outlook?.rangeTest).toEqual({ steps: 60, seconds: 65 as Seconds });
});

test("nothing is said where it was searched, or nothing can be compared", () => {
  expect(searchOutlook(run, schedule, usd(0), true)).toBeNull();
  expect(searchOutlook(run, { ...schedule, evaluations: 0 }, usd(0), false)).toBeNull();
  expect(searchOutlook(run, { ...schedule, steps: 0 }, usd(0), false)).toBeNull();
});
