import { describe, expect, it } from "vitest";
import { sampleReport } from "../../../test/support/sample-report.ts";
import { seconds, usd } from "../../quantity/index.ts";
import { judgeRun } from "./judgement.ts";
import type { RunReport, ScoreLine } from "./report.ts";

const sample = sampleReport();
const [headline] = sample.scores;
if (!headline?.comparison || !headline.base) throw new Error("the sample has a headline");
const { base, comparison } = headline;

/** The sample with another headline. */
function headed(line: Partial<ScoreLine>, more: Partial<RunReport> = {}): RunReport {
  return sampleReport({ scores: [{ ...sample.scores[0], ...line } as ScoreLine], ...more });
}

const cost = "cost $0.153 of a $1.00 cap";
const cases: [string, RunReport, string, string, string][] = [
  [
    "some rows that could not be judged",
    headed({ tuned: { ...headline.tuned, rows: 495, unjudged: 5, isVoid: false } }),
    "good",
    "Training helped",
    "Tuned answers 87.4 % of 495 rows (5 of 500 rows not judged) right, the base model 3.2 %: +84.2 points " +
      `(95 % interval 80.9-87.4); ${cost}.`,
  ],
  [
    "too many rows that could not be judged",
    headed({
      tuned: { value: Number.NaN, interval: null, rows: 440, unjudged: 60, isVoid: true },
      comparison: { ...comparison, verdict: "unclear", difference: Number.NaN },
    }),
    "bad",
    "Void: too many rows could not be judged",
    `The score is void: accuracy could not judge 60 of 500 rows; ${cost}.`,
  ],
  [
    "better",
    sample,
    "good",
    "Training helped",
    "Tuned answers 87.4 % of 500 rows right, the base model 3.2 %: +84.2 points " +
      `(95 % interval 80.9-87.4); ${cost}.`,
  ],
  [
    "unclear",
    headed({
      tuned: { ...base, value: 0.04 },
      comparison: {
        ...comparison,
        difference: 0.008,
        interval: { low: -0.01, high: 0.026 },
        verdict: "unclear",
      },
    }),
    "open",
    "No clear difference",
    "Tuned answers 4.0 % of 500 rows right, the base model 3.2 %: +0.8 points " +
      `(95 % interval -1.0 to 2.6, not more than chance may do); ${cost}.`,
  ],
  [
    "worse",
    headed({
      tuned: { ...base, value: 0.002 },
      comparison: { ...comparison, difference: -0.03, interval: null, verdict: "worse" },
    }),
    "bad",
    "Training made it worse",
    `Tuned answers 0.2 % of 500 rows right, the base model 3.2 %: -3.0 points; ${cost}.`,
  ],
  [
    "perplexity",
    headed({ metric: "perplexity", tuned: { ...base, value: 1.2718 }, base: null, comparison: null }),
    "open",
    "Judged without its base model",
    `Tuned has a perplexity of 1.272 on 500 rows (lower is better); ${cost}.`,
  ],
  [
    "not compared",
    headed({ metric: "json_valid", comparison: null }),
    "open",
    "Judged without its base model",
    `Tuned gives valid JSON for 87.4 % of 500 rows, the base model 3.2 %; ${cost}.`,
  ],
  [
    "nothing judged",
    sampleReport({ scores: [] }),
    "open",
    "Not judged",
    `No test rows were judged; ${cost}.`,
  ],
  [
    "stopped",
    sampleReport({
      run: { ...sample.run, status: "stopped" },
      figures: { ...sample.figures, steps: { ...sample.figures.steps, actual: 120 } },
      scores: [],
    }),
    "open",
    "Not judged",
    `Stopped by a guard at step 120 of 300; no test rows were judged; ${cost}.`,
  ],
  [
    "failed, although judged",
    sampleReport({
      run: { ...sample.run, status: "failed" },
      figures: { ...sample.figures, steps: { planned: null, actual: null } },
      scores: [],
    }),
    "bad",
    "The run failed",
    `Failed at step 0; no test rows were judged; ${cost}.`,
  ],
  [
    "a cap in time",
    sampleReport({
      scores: [],
      budget: { ...sample.budget, capUsd: null, cap: seconds(1800), spentUsd: usd(0) },
    }),
    "open",
    "Not judged",
    "No test rows were judged; cost $0.00, took 17 min 28 s of a 30 min cap.",
  ],
  [
    "no cap",
    sampleReport({ scores: [], budget: { ...sample.budget, capUsd: null } }),
    "open",
    "Not judged",
    "No test rows were judged; cost $0.153, no cap was set.",
  ],
];

describe("judgeRun", () => {
  it.each(cases)("%s", (_, report, tone, title, sentence) => {
    expect(judgeRun(report)).toEqual({ tone, title, sentence });
  });

  it.each(["exact_match", "json_match", "macro_f1", "rouge_l"] as const)("has words for %s", (metric) => {
    expect(judgeRun(headed({ metric })).sentence).toMatch(
      /^Tuned .*87\.4 %.* 500 rows.*, the base model 3\.2 %/,
    );
  });
});
