/** @file Recorded verdicts of guards, and persons who overruled them. */

import type { EventBody, Verdict } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { earlierVerdictsOf } from "./earlier-verdicts.ts";

const time = "2026-01-01T00:00:00.000Z";
const tripped = (step: number, verdict: Verdict): EventBody => ({ kind: "guard-tripped", step, verdict });
const stop: Verdict = { act: "stop", by: "guard", guard: "futility", sentence: "it is so" };
const warn: Verdict = { ...stop, act: "warn" };
const words = (events: readonly EventBody[]): ReturnType<typeof earlierVerdictsOf> =>
  earlierVerdictsOf(events.map((event, at) => ({ v: 1, run: "a", seq: at + 1, time, ...event })));

test("verdicts stand in order, each once although a kill had it given again", () => {
  const said = [tripped(8, warn), tripped(16, stop), tripped(8, warn), tripped(24, stop)];
  expect(words([...said, tripped(30, { act: "go-on" })]).verdicts).toEqual([
    { step: 8, verdict: warn },
    { step: 16, verdict: stop },
    { step: 24, verdict: stop },
  ]);
});

test("guards that were overruled are known, others are not", () => {
  const overruled = (guard: string): EventBody => ({ kind: "guard-overruled", step: 1, guard });
  expect(words([]).overruled).toEqual([]);
  expect(words([overruled("futility"), overruled("budget"), overruled("futility")]).overruled).toEqual([
    "futility",
  ]);
});
