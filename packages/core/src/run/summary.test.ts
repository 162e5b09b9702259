import { expect, test } from "vitest";
import { isTraining, summaryOf, trialOf } from "./summary.ts";

test.each([
  ["{}", true],
  ['{"validation_loss":1,"tuned":{}}', true],
  ['{"kind":"arms","fingerprint":"f","decided":"d"}', false],
  ['{"kind":"trial","search":"s","trial":2,"stretch":{}}', false],
  ['{"kind":"trial"}', true],
  ["no JSON", true],
])("%s is a training: %s", (summary, isOne) => {
  expect(isTraining({ summary })).toBe(isOne);
});

test("a trial knows its search and its number", () => {
  expect(trialOf({ summary: '{"kind":"trial","search":"s","trial":2,"turn":1}' })).toEqual({
    kind: "trial",
    search: "s",
    trial: 2,
  });
});

test("a summary of an earlier version lacks nothing but values", () => {
  expect(
    summaryOf({ summary: '{"train_loss":1.5,"tuned":{"accuracy":0.5},"sessions":"two","forgetting":7}' }),
  ).toEqual({
    kind: "train",
    train_loss: 1.5,
    validation_loss: null,
    best_step: null,
    memory_bytes_peak: null,
    sessions: 1,
    base: {},
    tuned: { accuracy: 0.5 },
    seen_rows: null,
    forgetting: null,
    safety: null,
    judgement: null,
    no_label: null,
    findings: [],
    stop: null,
  });
});

test("a comparison has its decision, or none", () => {
  const found = { kind: "arms", fingerprint: "f", decided: "d" };
  const ended = { ...found, verdict: "tune", arm: "tuned", is_invalid: false, arms: 3 };
  const outcome = { verdict: "tune", arm: "tuned", isInvalid: false, arms: 3 };
  expect(summaryOf({ summary: JSON.stringify(ended) })).toEqual({ ...found, outcome });
  expect(summaryOf({ summary: JSON.stringify({ ...found, verdict: "maybe" }) })).toEqual({
    ...found,
    outcome: null,
  });
});
