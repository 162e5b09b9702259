import { usd } from "@tunewise/core/quantity";
import { stopBy } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import { sampleReport } from "../../../../../test/support/sample-report.ts";
import type { TrivialScore } from "../../evaluate/index.ts";
import { type Action, actionOf, actionTones, rowsToShow } from "./action.ts";
import { judgeRun } from "./judgement.ts";
import type { RunReport, ScoreLine } from "./report.ts";

const sample = sampleReport();
const headline = sample.scores[0] as ScoreLine;
const comparison = headline.comparison as NonNullable<ScoreLine["comparison"]>;

const act = (more: Partial<RunReport>): Action => {
  const report = sampleReport(more);
  return actionOf(report, judgeRun(report));
};
const headed = (line: Partial<ScoreLine>) => ({ scores: [{ ...headline, ...line }] });
const neighbour = (difference: number, verdict: TrivialScore["verdict"]): TrivialScore => ({
  kind: "neighbour",
  answer: null,
  value: headline.tuned.value - difference,
  rows: 500,
  pValue: null,
  difference,
  verdict,
  interval: { low: difference - 0.02, high: difference + 0.02 },
});
const unclear = (difference: number) =>
  headed({
    comparison: {
      ...comparison,
      difference,
      verdict: "unclear",
      interval: { low: difference - 0.02, high: difference + 0.02 },
    },
  });

describe("one action for each result", () => {
  test("ship, with what serving costs a month where the machine has a price", () => {
    expect(act({})).toEqual({
      kind: "ship",
      title: "Ship it",
      sentence:
        "It is better than its base model. Serving it on this machine all day costs $384.24 a month at $0.526 an hour.",
      command: `tunewise model serve ${sample.run.id}`,
    });
    const budget = { ...sample.budget, priceUsdPerHour: usd(0), spentUsd: usd(0) };
    expect(act({ budget }).sentence).toBe("It is better than its base model.");
  });

  test("do not ship what a baseline or the base model beats, or what cannot be told from them", () => {
    expect(act(headed({ trivial: [neighbour(-0.1, "worse")] }))).toMatchObject({ kind: "do-not-ship" });
    expect(act(headed({ trivial: [neighbour(0, "unclear")] }))).toMatchObject({
      kind: "do-not-ship",
      sentence: expect.stringContaining(
        "copying the answer of the most similar training row, which costs nothing",
      ),
    });
    expect(act(headed({ comparison: { ...comparison, verdict: "worse" } })).kind).toBe("do-not-ship");
  });

  test("collect rows, as many as would show a difference of this size", () => {
    // 500 ((1.96 + 0.8416) 0.0102 / 0.014)^2 = 2085
    expect(act(unclear(0.014))).toMatchObject({
      kind: "collect-rows",
      title: "Collect 1,585 more test rows",
    });
    expect(rowsToShow({ difference: 0, interval: { low: -0.1, high: 0.1 }, rows: 40 })).toBeNull();
    expect(rowsToShow({ difference: 0.001, interval: { low: -0.1, high: 0.1 }, rows: 40 })).toBeNull();
  });

  test("first what makes a verdict possible, with its cost", () => {
    const stop = stopBy("cap", { cap: { kind: "minutes", limit: 1500 }, step: 36, steps: 80 });
    const stopped = { run: { ...sample.run, status: "stopped" as const, stop } };
    expect(act({ ...stopped, ...unclear(0.001) })).toMatchObject({
      kind: "try-first",
      title: "First continue it with a higher cap",
      command: `tunewise resume ${sample.run.id}`,
    });
    expect(act({ scores: [] })).toMatchObject({ kind: "try-first", title: "First score it" });
    expect(act({ seen: { rows: 498, of: 500 } })).toMatchObject({
      kind: "try-first",
      sentence: "Then train again. It takes about 17 min 28 s and $0.153.",
      command: "tunewise check --fix",
    });
  });

  test("a failed run is not shipped", () => {
    expect(act({ run: { ...sample.run, status: "failed" }, scores: [] }).kind).toBe("do-not-ship");
  });
});

test("every action has one color", () => {
  expect(actionTones).toEqual({
    ship: "good",
    "do-not-ship": "bad",
    "collect-rows": "open",
    "try-first": "open",
  });
});
