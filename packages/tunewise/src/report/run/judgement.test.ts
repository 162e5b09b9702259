import { seconds, usd } from "@tunewise/core/quantity";
import { stopBy } from "@tunewise/core/run";
import { describe, expect, it } from "vitest";
import { sampleReport } from "../../../../../test/support/sample-report.ts";
import type { TrivialScore } from "../../evaluate/index.ts";
import { judgeRun } from "./judgement.ts";
import type { RunReport, ScoreLine } from "./report.ts";

const sample = sampleReport();
const [headline] = sample.scores;
if (!headline?.comparison || !headline.base) throw new Error("the sample has a headline");
const { base, comparison } = headline;

/** The sample report with a changed headline. */
function headed(line: Partial<ScoreLine>, more: Partial<RunReport> = {}): RunReport {
  return sampleReport({ scores: [{ ...sample.scores[0], ...line } as ScoreLine], ...more });
}

const diverged: NonNullable<RunReport["memorization"]> = {
  gap: 0.1,
  interval: null,
  memorised: null,
  verdict: { act: "go-on" },
  train: { rows: 8, base: 3.6, tuned: 5.5 },
  heldOut: { rows: 8, base: 3.7, tuned: 5.7 },
};

function trivial(
  kind: TrivialScore["kind"],
  value: number,
  verdict: TrivialScore["verdict"],
  more: Partial<TrivialScore> = {},
): TrivialScore {
  return {
    kind,
    value,
    verdict,
    answer: null,
    rows: 40,
    difference: 0,
    interval: null,
    pValue: null,
    ...more,
  };
}

const cost = "cost $0.153 of a $1.00 cap";
const cases: [string, RunReport, string, string, string][] = [
  [
    "some rows that could not be judged",
    headed({ tuned: { ...headline.tuned, rows: 495, unjudged: 5, isInvalid: false } }),
    "good",
    "Training helped",
    "Tuned answers 87.4 % of 495 rows (5 of 500 rows not scored) right, the base model 3.2 %: +84.2 points " +
      `(95 % interval 80.9-87.4); ${cost}.`,
  ],
  [
    "too many rows that could not be judged",
    headed({
      tuned: { value: Number.NaN, interval: null, rows: 440, unjudged: 60, isInvalid: true },
      comparison: { ...comparison, verdict: "unclear", difference: Number.NaN },
    }),
    "bad",
    "Invalid: too many rows could not be scored",
    `The score is invalid: accuracy could not score 60 of 500 rows; ${cost}.`,
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
    "a model that a constant answer beats",
    headed({
      tuned: { value: 0.225, interval: null, rows: 40 },
      base: { value: 0, interval: null, rows: 40 },
      trivial: [
        trivial("majority", 0.375, "worse", {
          answer: "billing",
          difference: -0.15,
          interval: { low: -0.3, high: 0 },
        }),
        trivial("chance", 0.25, "unclear"),
      ],
    }),
    "bad",
    "This model is not useful",
    'The tuned model scores 22.5 %, worse than always answering "billing" with 37.5 % (difference -15.0 points, ' +
      `-30.0 to 0.0; accuracy, 40 rows); the base model scores 0.0 %; ${cost}.`,
  ],
  [
    "a model that may be no better than the nearest training row",
    headed({ trivial: [trivial("neighbour", 0.87, "unclear", { difference: 0.004 })] }),
    "open",
    "No better than the nearest training row",
    "The tuned model scores 87.4 %, not shown to be better than copying the answer of the most similar training row " +
      `with 87.0 % (difference +0.4 points; accuracy, 500 rows); the base model scores 3.2 %; ${cost}.`,
  ],
  [
    "better than any trivial answer",
    headed({
      trivial: [trivial("majority", 0.1, "better", { answer: "a" }), trivial("chance", 0.2, "better")],
    }),
    "good",
    "Training helped",
    "Tuned answers 87.4 % of 500 rows right, the base model 3.2 %: +84.2 points (95 % interval 80.9-87.4); " +
      `without a model, guessing a label scores 20.0 %; ${cost}.`,
  ],
  [
    "rows that training has seen, and nothing else",
    headed(
      { unseen: { ...comparison, rows: 2, tuned: 0.5, base: 0.5, verdict: "unclear" } },
      { seen: { rows: 498, of: 500 } },
    ),
    "bad",
    "Invalid: 498 of 500 test rows appear in training",
    "Tuned answers 87.4 % of 500 rows right, the base model 3.2 %: +84.2 points (95 % interval 80.9-87.4); " +
      "498 of 500 test rows also appear in training (exact, near or paraphrased): " +
      "on the other 2 tuned 50.0 %, base 50.0 %, which may be chance; " +
      `${cost}.`,
  ],
  [
    "rows that training has seen, without the base model but beside the nearest training row",
    headed(
      {
        base: null,
        comparison: null,
        trivial: [trivial("neighbour", 0.874, "unclear", { interval: { low: -0.095, high: 0.095 } })],
      },
      { seen: { rows: 100, of: 500 } },
    ),
    "open",
    "No better than the nearest training row",
    "The tuned model scores 87.4 %, no better than copying the answer of the most similar training row with 87.4 % " +
      "(difference 0.0 points, -9.5 to 9.5; accuracy, 500 rows), and 100 of 500 test rows also appear in training " +
      `(exact, near or paraphrased); ${cost}.`,
  ],
  [
    "some rows that training has seen, and better on the others too",
    headed({ unseen: { ...comparison, rows: 400 } }, { seen: { rows: 100, of: 500 } }),
    "good",
    "Training helped",
    "Tuned answers 87.4 % of 500 rows right, the base model 3.2 %: +84.2 points (95 % interval 80.9-87.4); " +
      "100 of 500 test rows also appear in training (exact, near or paraphrased): " +
      `on the other 400 tuned 87.4 %, base 3.2 %; ${cost}.`,
  ],
  [
    "another metric that got worse where the headline tells nothing",
    sampleReport({
      scores: [
        { ...headline, comparison: { ...comparison, difference: 0, interval: null, verdict: "unclear" } },
        {
          metric: "perplexity",
          comparison: { ...comparison, verdict: "worse" },
          base: { ...base, value: 52 },
          tuned: { ...base, value: 299 },
        },
      ],
    }),
    "bad",
    "Training made it worse",
    "Perplexity went from 52.00 to 299.0; tuned answers 87.4 % of 500 rows right, the base model 3.2 %: 0.0 points " +
      `(not more than chance may do); ${cost}.`,
  ],
  [
    "a run that diverged and no metric that tells",
    headed(
      { comparison: { ...comparison, difference: 0, interval: null, verdict: "unclear" } },
      { memorization: diverged },
    ),
    "bad",
    "Training made it worse",
    "The loss rose from 3.700 to 5.700 nats a token on held-out rows, and on training rows as well; tuned answers " +
      `87.4 % of 500 rows right, the base model 3.2 %: 0.0 points (not more than chance may do); ${cost}.`,
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
    "Evaluated without its base model",
    `Tuned has a perplexity of 1.272 on 500 rows (lower is better); ${cost}.`,
  ],
  [
    "not compared",
    headed({ metric: "json_valid", comparison: null }),
    "open",
    "Evaluated without its base model",
    `Tuned gives valid JSON for 87.4 % of 500 rows, the base model 3.2 %; ${cost}.`,
  ],
  [
    "nothing judged",
    sampleReport({ scores: [] }),
    "open",
    "Not evaluated",
    `No test rows were evaluated; ${cost}.`,
  ],
  [
    "stopped",
    sampleReport({
      run: {
        ...sample.run,
        status: "stopped",
        stop: stopBy("cap", { cap: { kind: "minutes", limit: 1500 }, step: 120, steps: 300 }),
      },
      scores: [],
    }),
    "open",
    "Not evaluated",
    `Stopped at the 25-minute cap (step 120 of 300); no test rows were evaluated; ${cost}.`,
  ],
  [
    "failed, although judged",
    sampleReport({
      run: {
        ...sample.run,
        status: "failed",
        stop: stopBy("fault", { reason: "the loss is NaN or infinite" }),
      },
      scores: [],
    }),
    "bad",
    "The run failed",
    `Failed: the loss is NaN or infinite; no test rows were evaluated; ${cost}.`,
  ],
  [
    "a cap in time",
    sampleReport({
      scores: [],
      budget: { ...sample.budget, capUsd: null, cap: seconds(1800), spentUsd: usd(0) },
    }),
    "open",
    "Not evaluated",
    "No test rows were evaluated; cost $0.00, took 17 min 28 s of a 30 min cap.",
  ],
  [
    "no cap",
    sampleReport({ scores: [], budget: { ...sample.budget, capUsd: null } }),
    "open",
    "Not evaluated",
    "No test rows were evaluated; cost $0.153, no cap was set.",
  ],
];

describe("judgeRun", () => {
  it.each(cases)("%s", (_, report, tone, title, sentence) => {
    const isInvalid = title.startsWith("Invalid") && { isInvalid: true };
    expect(judgeRun(report)).toEqual({ tone, title, sentence, ...isInvalid });
  });

  it.each(["exact_match", "json_match", "macro_f1", "rouge_l"] as const)("has words for %s", (metric) => {
    expect(judgeRun(headed({ metric })).sentence).toMatch(
      /^Tuned .*87\.4 %.* 500 rows.*, the base model 3\.2 %/,
    );
  });
});
