import { expect, test } from "vitest";
import { isTraining, trialOf } from "./run-summaries.ts";

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
