/** @file Tests the memorization guard: its messages, and when it reports nothing. */
import { expect, test } from "vitest";
import { checkMemorization, type MemorizationState } from "./memorization.ts";

const fine: MemorizationState = {
  gap: 0.1,
  interval: { low: 0.02, high: 0.2 },
  heldOutGain: 0.8,
  memorized: { rows: 24, base: 1, tuned: 2 },
  keptStep: 40,
  best: { step: 40, loss: 1.2, keptLoss: 1.2 },
};

test.each<[string, Partial<MemorizationState>]>([
  ["a gap while held-out rows gained", {}],
  ["a gap that may be chance", { gap: 0.5, heldOutGain: -0.1, interval: { low: -0.1, high: 1.1 } }],
  ["a gap whose interval begins at none", { gap: 0.5, heldOutGain: -0.1, interval: { low: 0, high: 1 } }],
  ["a gap while held-out rows stayed as they were", { gap: 0.5, heldOutGain: 0 }],
  ["a gap while training rows stayed as they were", { gap: 0.5, heldOutGain: -0.5 }],
  [
    "a model that diverged: training rows got worse too",
    { gap: 0.5, interval: { low: 0.2, high: 0.8 }, heldOutGain: -2 },
  ],
  ["no interval", { gap: 0.5, heldOutGain: -0.1, interval: null }],
  ["nothing tried by heart", { memorized: null }],
  ["what the base model went on with as well", { memorized: { rows: 24, base: 9, tuned: 10 } }],
  ["less than a tenth of the beginnings", { memorized: { rows: 40, base: 1, tuned: 4 } }],
  ["a tenth of a few beginnings, which is one", { memorized: { rows: 10, base: 1, tuned: 2 } }],
  ["no validation rows", { best: null }],
  ["no look at the step that was kept", { best: { step: 20, loss: 1.1, keptLoss: null } }],
  ["another step that was as good", { best: { step: 20, loss: 1.2, keptLoss: 1.2 } }],
])("nothing is said of %s", (_, given) => {
  expect(checkMemorization({ ...fine, ...given })).toEqual({ act: "go-on" });
});

test.each<[string, Partial<MemorizationState>]>([
  [
    "Training rows gained 1.50 nats a token more than held-out rows (1.20 to 1.80), which got worse by 0.30: " +
      "the model memorized its rows.",
    { gap: 1.5, interval: { low: 1.2, high: 1.8 }, heldOutGain: -0.3 },
  ],
  [
    "9 of 24 training answers are completed word for word from their first half (1 by the base model).",
    { memorized: { rows: 24, base: 1, tuned: 9 } },
  ],
  [
    "5 of 40 training answers are completed word for word from their first half (1 by the base model).",
    { memorized: { rows: 40, base: 1, tuned: 5 } },
  ],
  [
    "2 of 10 training answers are completed word for word from their first half (0 by the base model).",
    { memorized: { rows: 10, base: 0, tuned: 2 } },
  ],
  [
    "Step 20 had the lowest validation loss, 1.100 against 1.400 at step 40, which was kept: tunewise run --checkpoint best.",
    { best: { step: 20, loss: 1.1, keptLoss: 1.4 } },
  ],
])("%s", (sentence, given) => {
  expect(checkMemorization({ ...fine, ...given })).toEqual({ act: "warn", guard: "overfitting", sentence });
});
