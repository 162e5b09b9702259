/** @file For tests: the report of an invented run, always byte-identical. */

import { bytes, range, seconds, tokens, usd } from "@tunewise/core/quantity";
import type { ForgettingFacts, RunReport } from "../../packages/tunewise/src/report/run/report.ts";

/** A successful run: 500 support tickets to JSON, better than its base, within its cap. */
export function sampleReport(more: Partial<RunReport> = {}): RunReport {
  return {
    run: {
      id: "20261124-204512-tickets-7f3a",
      name: "tickets",
      status: "completed",
      stop: null,
      createdAt: "2026-11-24T20:45:12.000Z",
      endedAt: "2026-11-24T21:02:40.000Z",
      model: "HuggingFaceTB/SmolLM2-135M-Instruct",
      modelRevision: "main",
      dataFingerprint: "4be1c0de".repeat(8),
    },
    settings: [
      { name: "method", value: "LoRA, rank 8, alpha 16, all linear layers" },
      { name: "learning rate", value: "2e-4, cosine, 10 warm-up steps" },
      { name: "batch", value: "4 rows x 2, packed up to 512 tokens" },
      { name: "length", value: "300 steps, 3 epochs, seed 7" },
    ],
    data: {
      splits: [split("train", 1204, 2), split("validation", 150, 0), split("test", 500, 0)],
      findings: [
        {
          code: "DATA_ROWS_DUPLICATE",
          severity: "warning",
          title: "Rows occur more than once",
          detail: "37 of 1,204 training rows (3.1 %) occur more than once.",
          where: [],
          count: 37,
          fix: "tunewise check --show DATA_ROWS_DUPLICATE",
        },
        {
          code: "DATA_ROW_TRUNCATED",
          severity: "note",
          title: "Rows are cut",
          detail: "2 rows are longer than 512 tokens and were cut.",
          where: [],
          count: 2,
          fix: "raise data.max_length to 640",
        },
      ],
    },
    figures: {
      memoryBytesPeak: { planned: range(bytes(1.6e9), bytes(1.9e9), bytes(2.3e9)), actual: bytes(1.74e9) },
      wall: { planned: range(seconds(780), seconds(960), seconds(1260)), actual: seconds(1048) },
      cost: { planned: range(usd(0.12), usd(0.14), usd(0.19)), actual: usd(0.153) },
      steps: { planned: range(300, 300, 300), actual: 300 },
      tokens: { planned: range(tokens(600_000), tokens(612_400), tokens(625_000)), actual: tokens(611_872) },
      tokensPerSecond: { planned: range(520, 640, 760), actual: 498 },
    },
    curves: {
      train: Array.from({ length: 300 }, (_, i) => ({ step: i + 1, loss: trainLoss(i + 1) })),
      validation: Array.from({ length: 12 }, (_, i) => ({
        step: 25 * (i + 1),
        loss: 0.24 + 1.9 * Math.exp(-(i + 1) / 2.2) + 0.006 * Math.max(0, i - 8),
      })),
      keptStep: 225,
    },
    scores: [
      {
        metric: "accuracy",
        base: { value: 0.032, interval: { low: 0.02, high: 0.051 }, rows: 500 },
        tuned: { value: 0.874, interval: { low: 0.842, high: 0.9 }, rows: 500 },
        comparison: {
          metric: "accuracy",
          base: 0.032,
          tuned: 0.874,
          difference: 0.842,
          interval: { low: 0.809, high: 0.874 },
          pValue: 1e-60,
          counts: { both: 14, onlyBase: 2, onlyTuned: 423, neither: 61 },
          rows: 500,
          verdict: "better",
          detectable: 0.035,
        },
      },
      {
        metric: "json_valid",
        base: { value: 0.412, interval: { low: 0.37, high: 0.456 }, rows: 500 },
        tuned: { value: 0.998, interval: { low: 0.989, high: 1 }, rows: 500 },
        comparison: null,
      },
      {
        metric: "rouge_l",
        base: { value: 0.311, interval: { low: 0.293, high: 0.33 }, rows: 500 },
        tuned: { value: 0.902, interval: { low: 0.886, high: 0.917 }, rows: 500 },
        comparison: null,
      },
      {
        metric: "perplexity",
        base: { value: 9.1234, interval: { low: 8.7, high: 9.6 }, rows: 500 },
        tuned: { value: 1.2718, interval: { low: 1.25, high: 1.3 }, rows: 500 },
        comparison: null,
      },
    ],
    samples: [
      {
        prompt: "My card was charged twice for order 4411 and nobody answers the phone.",
        reference: '{"topic": "billing", "urgency": "high", "order": 4411}',
        base: { text: "I am sorry to hear that. Could you tell me more about the charge?", isRight: false },
        tuned: { text: '{"topic": "billing", "urgency": "high", "order": 4411}', isRight: true },
      },
      {
        prompt: "How do I change the address of a parcel that is on its way?",
        reference: '{"topic": "delivery", "urgency": "medium", "order": null}',
        base: { text: '{"topic": "address", "order": "unknown"}', isRight: false },
        tuned: { text: '{"topic": "delivery", "urgency": "low", "order": null}', isRight: false },
      },
    ],
    safety: null,
    memorization: null,
    forgetting: null,
    budget: {
      capUsd: usd(1),
      cap: null,
      spentUsd: usd(0.153),
      spent: seconds(1048),
      priceUsdPerHour: usd(0.526),
      priceSource: "price list of the provider, as of 2026-11-20",
      sessions: 1,
    },
    guards: [
      {
        step: 300,
        verdict: {
          act: "warn",
          guard: "overfitting",
          sentence:
            "Validation loss rose from 0.2718 at step 225 to 0.2902 at step 300 while training loss fell. " +
            "The best result so far is step 225.",
        },
      },
    ],
    versions: [
      { name: "tunewise", value: "0.1.0" },
      { name: "Node", value: "20.20.2, linux x64, 2 cores" },
      { name: "onnxruntime-node", value: "1.30.0, CPU" },
    ],
    adapter: {
      folder: ".tunewise/runs/20261124-204512-tickets-7f3a/adapter",
      bytes: bytes(9_785_000),
      parameters: 2_442_240,
      modelParameters: 134_515_008,
    },
    commands: [
      { purpose: "Repeat the run", command: "tunewise run tunewise.yaml" },
      {
        purpose: "Ask the tuned model",
        command: 'tunewise model generate 20261124-204512-tickets-7f3a --prompt "Where is my parcel?"',
      },
    ],
    limits: [
      "The test rows come from the same source as the training rows; answers to other tickets may be worse.",
      "The interval is about the choice of test rows, not about another training seed.",
    ],
    ...more,
  };
}

/** Forgetting results: perplexity above the limit, an inconclusive drop on questions, and a failed regression test. */
export function sampleForgetting(more: Partial<ForgettingFacts> = {}): ForgettingFacts {
  return {
    perplexity: {
      base: 35.29,
      tuned: 38.1,
      rise: 0.0796,
      interval: { low: 0.061, high: 0.099 },
      documents: 20,
      tokens: 3240,
    },
    tasks: {
      items: 130,
      base: 0.831,
      tuned: 0.808,
      drop: 3 / 130,
      interval: { low: -0.012, high: 0.058 },
      method: "newcombe",
      pValue: 0.453,
      counts: { both: 103, onlyBase: 5, onlyTuned: 2, neither: 20 },
      detectable: 0.061,
      plain: { base: 0.846, tuned: 0.838 },
      probability: { base: 0.766, tuned: 0.749 },
      chance: 0.262,
    },
    divergence: { kl: 0.0812, interval: { low: 0.061, high: 0.104 }, prompts: 12, positions: 176 },
    regressionPrompts: {
      asked: 4,
      workedBefore: 3,
      stillWork: 2,
      broken: [
        {
          prompt: "What is the capital of France?",
          expected: 'contains "Paris"',
          base: { answer: "The capital of France is Paris.", works: true },
          tuned: { answer: '{"topic": "other", "urgency": "low", "order": null}', works: false },
        },
      ],
      neverWorked: [
        {
          prompt: "What is 17 times 23?",
          expected: 'equals "391"',
          base: { answer: "17 times 23 is 421.", works: false },
          tuned: { answer: "", works: false },
        },
      ],
    },
    judgement: {
      verdict: "fail",
      measures: { perplexity: "fail", tasks: "cannot-tell", "regression-prompts": "fail" },
      sentence:
        "The tuned model forgot: perplexity of general text is up by 8.0 % (6.1 to 9.9, allowed 5.0).",
    },
    curve: Array.from({ length: 12 }, (_, i) => {
      const rise = 0.085 * (1 - Math.exp(-(i + 1) / 4));
      const half = 0.014 + 0.002 * i;
      return {
        step: 25 * (i + 1),
        perplexityRise: rise,
        low: rise - half,
        high: rise + half,
        taskDrop: null,
        probabilityDrop: null,
        kl: rise,
      };
    }),
    gate: "warn",
    isGateClosed: false,
    limits: { maxPerplexityRise: 0.05, maxTaskDrop: 0.02, maxKl: null },
    sources: {
      text: "general",
      tasks: "general",
      prompts: "general",
      regressionPrompts: "regression-prompts.jsonl",
    },
    ...more,
  };
}

function trainLoss(step: number): number {
  const noise = Math.sin(7.3 * step) * Math.cos(2.1 * step * step);
  return 0.24 + 2.3 * Math.exp(-step / 45) + (0.05 + 0.3 * Math.exp(-step / 60)) * noise;
}

function split(name: string, rows: number, truncated: number): RunReport["data"]["splits"][number] {
  const lengths = {
    count: rows,
    total: rows * 170,
    min: 61,
    mean: 170,
    p50: 164,
    p90: 240,
    p99: 388,
    max: 561,
  };
  return {
    name,
    statistics: {
      total: { ...lengths, histogram: [] },
      answer: { ...lengths, total: rows * 34, histogram: [] },
      rows,
      documents: 0,
      truncated,
      dropped: 0,
      answerCut: 0,
      unusable: 0,
      tokens: rows * 170,
      labelledTokens: rows * 34,
      reasoningTokens: 0,
      turns: { trained: rows, weightZero: 0, beforeLast: 0, changed: 0 },
    },
  };
}
