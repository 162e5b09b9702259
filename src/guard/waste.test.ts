/** @file Money that bought nothing. */
import { expect, test } from "vitest";
import { judgeWaste, type SpentRun } from "./waste.ts";

const minute = 60_000;
const fine: SpentRun = {
  status: "completed",
  microUsd: 1_000_000,
  duplicateOf: null,
  validation: [3, 2, 1].map((value, at) => ({ ms: (at + 1) * 30 * minute, value })),
  loggedMs: Array.from({ length: 101 }, (_, at) => at * minute),
  startedMs: 0,
  endedMs: 100 * minute,
  paidMs: 100 * minute,
};
const losses = (...values: number[]) => values.map((value, at) => ({ ms: (at + 1) * 20 * minute, value }));

test.each<[string, Partial<SpentRun>, object | null]>([
  ["a good run", {}, null],
  ["a failed one", { status: "failed" }, { kind: "failed", microUsd: 1_000_000 }],
  [
    "a crashed duplicate counts once",
    { status: "crashed", duplicateOf: "a" },
    { kind: "failed", microUsd: 1_000_000 },
  ],
  ["a duplicate", { duplicateOf: "a" }, { kind: "duplicate", sentence: "the same experiment as run a" }],
  ["past its best", { validation: losses(3, 1, 2, 2, 4) }, { kind: "past-best", microUsd: 600_000 }],
  ["NaN is no best", { validation: losses(3, Number.NaN, 1, 1) }, null],
  ["two looks tell nothing", { validation: losses(1, 2) }, null],
  [
    "silent in between",
    { loggedMs: [0, 1, 2, 3, 4, 50, 51, 52, 99].map((at) => at * minute) },
    { kind: "idle" },
  ],
  [
    "silent at the end",
    { loggedMs: [0, 1, 2, 3, 4].map((at) => at * minute) },
    { kind: "idle", microUsd: 950_000 },
  ],
  [
    "stopped, and gone on with later: nobody paid for the pause",
    { loggedMs: [0, 1, 2, 3, 4, 96, 97, 98, 99].map((at) => at * minute), paidMs: 8 * minute },
    null,
  ],
  [
    "silent for half an hour of which nobody paid ten minutes",
    {
      loggedMs: [0, 1, 2, 3, 4, 34, 35, 36].map((at) => at * minute),
      endedMs: 37 * minute,
      paidMs: 27 * minute,
    },
    { kind: "idle", microUsd: Math.round((1_000_000 * 19) / 27), sentence: "it logged nothing for 19 min" },
  ],
  [
    "past its best, with a pause in which nobody paid",
    {
      ...{ loggedMs: [0, 10, 20, 80, 90].map((at) => at * minute), paidMs: 40 * minute },
      validation: [10, 20, 80, 90].map((at, nth) => ({ ms: at * minute, value: [3, 1, 2, 4][nth] ?? 0 })),
    },
    { kind: "past-best", microUsd: 250_000 },
  ],
  ["slow, and always so", { loggedMs: [0, 20, 40, 60, 80].map((at) => at * minute) }, null],
  ["free of charge", { microUsd: 0, status: "failed" }, null],
])("%s", (_, change, expected) => {
  const waste = judgeWaste({ ...fine, ...change });
  if (expected === null) expect(waste).toBeNull();
  else expect(waste).toMatchObject(expected);
});
