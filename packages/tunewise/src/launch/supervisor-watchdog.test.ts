import { expect, it } from "vitest";
import { StallDetector } from "./supervisor-watchdog.ts";

/** Polls every 200 ms for some seconds; returns each answer with its time in seconds. */
function answers(tickMs: number, seconds: number, ticks: (ms: number) => number): [number, string][] {
  let now = 0;
  const silence = new StallDetector({ monotonicMs: () => now }, tickMs);
  silence.poll({ tickedMs: ticks(0) });
  silence.poll({ tickedMs: ticks(0) + 1 });
  const found: [number, string][] = [];
  for (now = 200; now <= 1000 * seconds; now += 200) {
    const answer = silence.poll({ tickedMs: ticks(now) + 1 });
    if (answer !== null) found.push([now / 1000, answer]);
  }
  return found;
}

it("says nothing to a meter that ticks", () => {
  expect(answers(1000, 60, (ms) => 1000 * Math.floor(ms / 1000))).toEqual([]);
});

it("wakes one that stands still, ends one that cannot be woken, and gives its successor time", () => {
  expect(answers(50, 30, () => 7)).toEqual([
    [3, "SIGCONT"],
    [13, "SIGKILL"],
    [23, "SIGCONT"],
  ]);
});

it("waits for three ticks of a slow meter", () => {
  expect(answers(5000, 16, () => 7)).toEqual([[15, "SIGCONT"]]);
});

it("does not take its own sleep for the silence of another", () => {
  let now = 0;
  const silence = new StallDetector({ monotonicMs: () => now }, 50);
  silence.poll({ tickedMs: 0 });
  silence.poll({ tickedMs: 1 });
  now = 3_600_000;
  expect(silence.poll({ tickedMs: 1 })).toBe(null);
});
