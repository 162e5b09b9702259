/** @file A comparison of arms, as `tunewise try` writes it. */

import { type Range, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { type Decision, decide } from "../../packages/tunewise/src/evaluate/index.ts";
import type { TryDocument } from "../../packages/tunewise/src/report/index.ts";

const price = (dollars: number): Range<Usd> => ({
  low: usd(0.8 * dollars),
  expected: usd(dollars),
  high: usd(1.2 * dollars),
});

const arm = (
  name: string,
  kind: "prompt" | "few-shot" | "tuned",
  right: number,
  thousand: number,
  there = 0,
) => ({
  name,
  kind,
  outcomes: Array.from({ length: 200 }, (_, row) => (row < right ? 1 : 0)),
  usdToGetThere: price(there),
  usdPerThousandAnswers: price(thousand),
  usdPerMonth: price(0),
  latency: { p50: seconds(0.1), p95: seconds(0.2) },
  upkeep: [],
});

/** A decision in which tuning wins clearly. */
export const sampleDecision: Decision = decide({
  arms: [
    arm("<b>prompt</b>", "prompt", 0, 0.01),
    arm("few", "few-shot", 80, 0.5),
    arm("tuned", "tuned", 180, 0.02, 3),
  ],
  groups: null,
  months: 12,
  seed: 1,
  objective: { kind: "value", usdPerCorrect: usd(0.01) } as const,
  answersPerMonth: { low: 1000, expected: 5000, high: 20_000 },
  facts: {
    cleanTrainingRows: 900,
    failedLeakChecks: [],
    needsCitations: false,
    factsChange: false,
    failing: [],
    latencyLimit: null,
    learningCurve: [],
    shots: [],
  },
});

const curve = [
  [100, 0.5],
  [300, 0.7],
  [900, 0.85],
] as const;

/** A comparison of three arms, one with HTML markup as its name. */
export const sampleTry: TryDocument = {
  apis: { expected: 20_000, most: 50_000, paid: 10_000 },
  judge: {
    model: "judge-1",
    criteria: "right and short",
    decides: true,
    arms: [
      { line: "few", better: 1, same: 2, worse: 3, open: 4, kappa: 0.1, warnings: ["The judge leans."] },
    ],
  },
  learning_curve: curve.map(([rows, value]) => ({
    rows,
    metric: "accuracy",
    value,
    run: `run-${rows}`,
    interval: { low: value - 0.05, high: value + 0.05 },
  })),
  claims: [
    {
      claim: "small-tuned-beats-big",
      verdict: "supported",
      found: 0.1,
      interval: null,
      says: "It <beats> it.",
    },
  ],
  format_version: 1,
  run: "r-arms-1",
  name: "t",
  created: "2026-01-01T00:00:00.000Z",
  model: "m",
  metric: "accuracy",
  test_rows: 200,
  compared_rows: 200,
  invalid: [],
  choosing_rows: 20,
  training_rows: 900,
  leaked_rows: 3,
  documents: null,
  arms: sampleDecision.table.map(({ name }) => ({
    id: name,
    name,
    line: name,
    model: "base",
    examples: 0,
    passages: 0,
    run: name === "tuned" ? "r-1" : null,
    scores: [],
    failed: 0,
    invalid: null,
    leftOut: "",
    answered: 200,
    secondsUpFront: name === "tuned" ? 60 : 0,
    cited: null,
    notes: [{ says: "cut off at the longest answer", count: 3 }],
    promptTokens: 1,
    answerTokens: 1,
    seconds: 1,
    microUsd: 1,
    answers: "arms/a.jsonl",
  })),
  choices: [],
  looks_before: [],
  decision: sampleDecision,
  wish: "Assumed.",
  findings: [],
  split: [{ question: "Where? <script>alert(1)</script>", reference: "here", answers: { tuned: "here" } }],
  machine: { usd_per_hour: 1, source: "" },
  took: { seconds: 3, micro_usd: 5 },
};
