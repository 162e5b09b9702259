import { seconds, usd } from "@tunewise/core/quantity";
import { stopText, type Verdict } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { recipeOf } from "../../../../../test/support/plan-inputs.ts";
import type { RunSession } from "./session.ts";
import { stopOf } from "./stop-of.ts";

/** A run with both caps. The time cap is reached first. */
const session = {
  recipe: recipeOf("budget: { usd: 20, minutes: 25 }"),
  meter: { priceUsdPerHour: usd(1), spentSeconds: seconds(1490), spentUsd: usd(0.4) },
  start: { steps: 80 },
} as unknown as RunSession;

const place = { step: 36, interruptedBy: null, guards: [] };
const stopping = (verdict: Partial<Extract<Verdict, { act: "stop" }>>) => [
  { step: 36, verdict: { act: "stop", by: "guard", guard: "g", sentence: "s", ...verdict } as const },
];

test.each([
  [
    { status: "stopped", guards: stopping({ by: "cap", guard: "budget", cap: "minutes" }) },
    "cap",
    "the 25-minute cap",
  ],
  [
    { status: "stopped", guards: stopping({ by: "cap", guard: "budget", cap: "dollars" }) },
    "cap",
    "the $20.00 cap",
  ],
  [{ status: "stopped", guards: [] }, "cap", "the 25-minute cap"],
  [
    { status: "stopped", guards: stopping({ by: "cap", sentence: "$2.00 are spent." }) },
    "cap",
    "$2.00 are spent",
  ],
  [{ status: "stopped", guards: stopping({ guard: "plateau" }) }, "guard", "the guard `plateau`"],
  [
    { status: "stopped", guards: stopping({ by: "person", sentence: "Stopped: enough" }) },
    "person",
    "person: enough",
  ],
  [{ status: "interrupted" }, "person", "by a person"],
  [{ status: "interrupted", interruptedBy: "machine" as const }, "machine", "machine was lost"],
  [{ status: "failed" }, "fault", "the loss is NaN or infinite"],
] as const)("%j", (facts, by, words) => {
  const stop = stopOf({ ...place, ...facts }, session);
  expect(stop?.by).toBe(by);
  expect(stop && stopText(stop)).toContain(words);
  expect(stop && stopText(stop)).toContain("(step 36 of 80)");
});

test("a completed training was not stopped", () => {
  expect(stopOf({ ...place, status: "completed", guards: stopping({}) }, session)).toBeNull();
});
