/** @file Tests the detection of wasted money. */
import { expect, test } from "vitest";
import { checkWaste, type SpentRun } from "./check-waste.ts";

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
/** Converts minutes to milliseconds. */
const minutes = (...at: number[]): number[] => at.map((one) => one * minute);
const looks = (...at: [minutes: number, value: number][]) =>
  at.map(([ms, value]) => ({ ms: ms * minute, value }));
const losses = (...values: number[]) => values.map((value, at) => ({ ms: (at + 1) * 20 * minute, value }));
const every = (pause: number, from: number, until: number): number[] =>
  Array.from({ length: (until - from) / pause + 1 }, (_, at) => from + at * pause);
/** One log per minute, except during one pause. */
const steadyBut = (pause: number): number[] => minutes(...every(1, 0, 40), ...every(1, 40 + pause, 100));

/** The same run, shifted in time. */
function laterBy(ms: number, run: SpentRun): SpentRun {
  return {
    ...run,
    validation: run.validation.map((look) => ({ ...look, ms: look.ms + ms })),
    loggedMs: run.loggedMs.map((at) => at + ms),
    startedMs: run.startedMs + ms,
    endedMs: run.endedMs + ms,
  };
}

test.each<[string, Partial<SpentRun>, object | null]>([
  ["a good run", {}, null],
  ["a failed one", { status: "failed" }, { kind: "failed", microUsd: 1_000_000 }],
  [
    "a crashed duplicate counts once",
    { status: "crashed", duplicateOf: "a" },
    { kind: "failed", microUsd: 1_000_000 },
  ],
  ["a duplicate", { duplicateOf: "a" }, { kind: "duplicate", sentence: "the same experiment as run a" }],
  [
    "past its best",
    { validation: losses(3, 1, 2, 2, 4) },
    {
      kind: "past-best",
      microUsd: 600_000,
      sentence: "held-out loss rose from 1.000 to 4.000 in the last 60 %",
    },
  ],
  ["past its best since the first time", { validation: losses(3, 1, 2, 1, 2) }, { microUsd: 600_000 }],
  ["three looks tell", { validation: losses(1, 2, 3) }, { kind: "past-best", microUsd: 400_000 }],
  ["a last look that is NaN is none", { validation: losses(3, 1, 2, Number.NaN) }, { microUsd: 200_000 }],
  ["past its best by less than a micro-dollar", { validation: losses(3, 1, 2), microUsd: 1 }, null],
  [
    "past its best after a pause in which nobody paid",
    {
      loggedMs: minutes(0, 60, 70, 80, 90),
      paidMs: 50 * minute,
      validation: looks([60, 3], [70, 1], [80, 2], [90, 4]),
    },
    { kind: "past-best", microUsd: 400_000 },
  ],
  [
    "past its best before a pause in which nobody paid",
    {
      loggedMs: minutes(0, 10, 20, 30),
      paidMs: 50 * minute,
      validation: looks([10, 3], [20, 1], [30, 2]),
    },
    { kind: "past-best", microUsd: 200_000 },
  ],
  [
    "a run that took no time that is known",
    { startedMs: 0, endedMs: 0, paidMs: 0, loggedMs: [0, 0, 0], validation: looks([0, 3], [0, 1], [0, 2]) },
    null,
  ],
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
      loggedMs: [0, 10, 20, 80, 90].map((at) => at * minute),
      paidMs: 40 * minute,
      validation: [10, 20, 80, 90].map((at, nth) => ({ ms: at * minute, value: [3, 1, 2, 4][nth] ?? 0 })),
    },
    { kind: "past-best", microUsd: 250_000 },
  ],
  [
    "stopped right after two things logged at once, and gone on with later",
    { loggedMs: minutes(0, 1, 2, 3, 4, 4, 96, 97, 98, 99), paidMs: 8 * minute },
    null,
  ],
  ["silent for a quarter of an hour", { loggedMs: steadyBut(15) }, null],
  ["for more", { loggedMs: steadyBut(16) }, { sentence: "it logged nothing for 15 min", microUsd: 150_000 }],
  [
    "silent for ten times the usual pause",
    { loggedMs: minutes(...every(2, 0, 40), ...every(2, 60, 100)) },
    null,
  ],
  [
    "for more than that",
    { loggedMs: minutes(...every(2, 0, 40), ...every(2, 61, 99)) },
    { sentence: "it logged nothing for 19 min", microUsd: 190_000 },
  ],
  ["silent for six times the usual pause", { loggedMs: minutes(0, 10, 20, 30, 90) }, null],
  ["logged three times, then silent", { loggedMs: minutes(0, 1, 2) }, { kind: "idle", microUsd: 970_000 }],
  ["logged twice: nobody knows what is usual", { loggedMs: minutes(0, 1) }, null],
  ["logged once", { loggedMs: minutes(1) }, null],
  ["never logged", { loggedMs: [] }, null],
  ["slow, and always so", { loggedMs: [0, 20, 40, 60, 80].map((at) => at * minute) }, null],
  ["free of charge", { microUsd: 0, status: "failed" }, null],
])("%s", (_, change, expected) => {
  const run = { ...fine, ...change };
  const waste = checkWaste(run);
  if (expected === null) expect(waste).toBeNull();
  else expect(waste).toMatchObject(expected);
  expect(checkWaste(laterBy(1000 * minute, run)), "whenever it ran").toEqual(waste);
});
