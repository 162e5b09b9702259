/** @file A stop is decided only once, although steps computed ahead of it are still reported. */

import { seconds, usd } from "@tunewise/core/quantity";
import type { EventBody, ExecutionEvent, RunCommand } from "@tunewise/core/run";
import { expect, test } from "vitest";
import type { RunSession } from "./session.ts";
import { train } from "./train.ts";

const state = {
  step: 0,
  best: null,
  curves: { train: [], validation: [] },
  forgetting: [],
  tokens: 0,
  trainSeconds: 0,
  sessions: 1,
} as const;

const stepsOf = (step: number): ExecutionEvent[] => [
  { kind: "step-start", step },
  {
    kind: "step-end",
    step,
    steps: 9,
    loss: 1,
    penalty: 0,
    learningRate: 0.1,
    gradientNorm: 1,
    updateRatio: 1,
    tokens: 1,
    labelledTokens: 1,
    wallSeconds: 1,
  },
];

/** A session whose execution reports these events. Its cap is spent after the first step. */
function sessionOf(
  reported: readonly ExecutionEvent[],
  sent: RunCommand[],
  recorded: EventBody[],
): RunSession {
  const waiting = reported.map((event, at) => ({ ...event, seq: at + 1 }));
  let spent = 0;
  const recorder = {
    verdict: { act: "go-on" },
    write: async () => undefined,
    flush: async () => undefined,
    startWork: async () => undefined,
    record: async (event: EventBody) => {
      recorded.push(event);
      if (event.kind === "step-end") spent = 100;
    },
  };
  const training = {
    loss: "nll",
    warmup: 0,
    learningRate: 0.1,
    maxGradNorm: 1,
    schedule: "constant",
    checkpointSelection: "last",
    evaluateEvery: 0,
  };
  const off = { divergence: "off", noProgress: "off", overfitting: "off", futility: "off", plateau: "off" };
  return {
    runId: "ahead",
    runtime: { signal: new AbortController().signal },
    recipe: {
      training,
      budget: { usd: null, minutes: 1 },
      regularization: { method: "none" },
      guards: { ...off, "leakage-suspected": "off", gradients: "off" },
      forgetting: { gate: "off", maxPerplexityRise: 1 },
    },
    prepared: { encoded: { validation: { rows: [] } } },
    plan: { time: { parts: [] } },
    recorder,
    meter: {
      get spentSeconds() {
        return seconds(spent);
      },
      spentUsd: usd(0),
      priceUsdPerHour: usd(0),
    },
    execution: { send: (command: RunCommand) => void sent.push(command), result: async () => undefined },
    events: {
      next: async () => {
        const value = waiting.shift();
        return value === undefined ? { done: true, value: undefined } : { done: false, value };
      },
    },
    start: { steps: 9, stepsPerEpoch: 9, vocabularySize: 8, rateScale: 1, state },
    target: null,
    earlier: { verdicts: [], overruled: [] },
  } as unknown as RunSession;
}

test("a cap stops a run over a network with one command and one sentence", async () => {
  const [sent, recorded]: [RunCommand[], EventBody[]] = [[], []];
  const reported = [
    ...[1, 2, 3, 4, 5].flatMap(stepsOf),
    { kind: "training-end", status: "stopped", state } as const,
  ];
  const end = await train(sessionOf(reported, sent, recorded));
  expect(sent).toEqual([{ kind: "stop" }]);
  const stops = recorded.filter((event) => event.kind === "guard-tripped" && event.verdict.act === "stop");
  expect(stops).toHaveLength(1);
  expect(end.status).toBe("stopped");
});
