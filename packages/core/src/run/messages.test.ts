/** @file Messages of the contract: a written message can be read back, and invalid messages are rejected. */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { ExecutionEvent } from "./execution.ts";
import {
  executionEventSchema,
  messageLine,
  runCommandSchema,
  runJsonSchema,
  runResultSchema,
} from "./messages.ts";
import type { TrainingState } from "./result.ts";
import { runSpecSchema } from "./spec-schema.ts";

const state: TrainingState = {
  step: 3,
  best: { step: 2, loss: 0.5 },
  tokens: 10,
  trainSeconds: 1.5,
  sessions: 1,
  curves: { train: [[1, Number.NaN]], validation: [[2, 0.5]] },
  forgetting: [],
};

const point = { perplexityRise: 0.1, low: null, high: null, taskDrop: null, probabilityDrop: null, kl: 0.2 };
const place = { file: "train.jsonl", row: 3 };

/** One message of each kind; a kind without a sample does not compile. */
const samples: { readonly [Kind in ExecutionEvent["kind"]]: Extract<ExecutionEvent, { kind: Kind }> } = {
  "training-start": {
    ...({ kind: "training-start", steps: 9, stepsPerEpoch: 3, state, rateScale: 1 } as const),
    vocabularySize: 64,
    trainedParameters: 10,
    modelParameters: 1000,
    regularization: { seconds: 1.5, bytes: 40 },
  },
  "forgetting-base": { kind: "forgetting-base", wallSeconds: 1, unmeasured: "too expensive" },
  "step-start": { kind: "step-start", step: 1 },
  "step-end": {
    ...({ kind: "step-end", step: 1, steps: 9, loss: 2, penalty: 0, learningRate: 1e-3 } as const),
    gradientNorm: Number.POSITIVE_INFINITY,
    updateRatio: 0.01,
    tokens: 80,
    labelledTokens: 20,
    wallSeconds: 0.5,
  },
  "loss-not-finite": { kind: "loss-not-finite", step: 2 },
  "evaluation-end": { kind: "evaluation-end", step: 3, loss: Number.NaN, wallSeconds: 1 },
  "forgetting-measured": { kind: "forgetting-measured", step: 3, ...point, wallSeconds: 1 },
  "write-start": { kind: "write-start" },
  "checkpoint-saved": { kind: "checkpoint-saved", step: 3, path: "checkpoints/3", wallSeconds: 0.1 },
  "rolled-back": { kind: "rolled-back", step: 5, toStep: 3, rateScale: 0.2 },
  "work-start": { kind: "work-start", work: "evaluate", isBooked: false },
  phase: { kind: "phase", name: "answers", done: 1, total: 2 },
  finding: {
    kind: "finding",
    finding: {
      ...({ code: "CHECKPOINT_BROKEN", severity: "warning", title: "t", detail: "d" } as const),
      where: [place],
      count: 1,
      fix: "f",
    },
  },
  "training-end": { kind: "training-end", status: "failed", state },
};

describe("a message read back from its line", () => {
  const read = (schema: z.ZodType, message: unknown): unknown =>
    schema.parse(JSON.parse(messageLine(message)));

  test("keeps numbers that JSON cannot hold", () => {
    expect(messageLine(samples["training-end"])).toContain('[1,"NaN"]');
    const losses = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((nll) => ({
      nll,
      labelledTokens: 1,
    }));
    const figures = { texts: losses, choices: [[1, Number.NaN]], answers: ["yes"] };
    const result = {
      status: "completed",
      state,
      selectedStep: 2,
      peakMemoryBytes: 1e9,
      measured: {
        answers: {
          tuned: [{ answer: { text: "a", answerTokens: 1, probability: null }, loss: losses[0] }],
          base: [],
        },
        forgetting: { base: figures, tuned: figures, prompts: [{ sum: 0, positions: 2 }], wallSeconds: 1 },
        safety: { base: { code: [], refusals: [] }, tuned: { code: ["x"], refusals: [] } },
        memorization: {
          seen: { base: losses, tuned: losses },
          heldOut: { base: [], tuned: [] },
          verbatim: { rows: 1, base: 0, tuned: 1 },
        },
      },
    };
    expect(read(runResultSchema, result)).toEqual(result);
  });

  test.each(Object.values(samples))("event $kind", (event) => {
    expect(read(executionEventSchema, { ...event, seq: 4 })).toEqual({ ...event, seq: 4 });
  });

  test.each([
    [{ kind: "stop" }],
    [{ kind: "checkpoint" }],
    [{ kind: "roll-back", before: 4, rateScale: 0.2 }],
    [{ kind: "evaluate", measure: ["answers", "memorization"] }],
  ])("command %j", (command) => {
    expect(read(runCommandSchema, command)).toEqual(command);
  });

  test.each([
    [runCommandSchema, { kind: "shut-down" }],
    [runCommandSchema, { kind: "roll-back", before: -1, rateScale: 1 }],
    [executionEventSchema, { kind: "step-start", step: 1 }],
    [executionEventSchema, { kind: "step-start", step: "1", seq: 1 }],
    [runSpecSchema, { v: 2 }],
  ])("%# is refused", (schema, message) => {
    expect((schema as z.ZodType).safeParse(message).success).toBe(false);
  });
});

test("the JSON Schema names every message", () => {
  const { $defs } = runJsonSchema() as { readonly $defs: Record<string, unknown> };
  const names = ["RunSpec", "WorkerSpec", "ExecutionEvent", "RunCommand", "RunResult", "ExecutionFailure"];
  expect(Object.keys($defs)).toEqual(names);
});
