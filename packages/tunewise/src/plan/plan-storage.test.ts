/** @file Storage counted by a plan: the checkpoints that are kept, and the result. */

import { dollars } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { inputOf, recipeOf } from "../../../../test/support/plan-inputs.ts";
import { planRun } from "./plan-run.ts";

test.each([
  // all are kept: trained weights and two moments each
  [2, 2],
  // the last two and the best one are kept
  [10, 3],
])("of %s checkpoints %s stay", (checkpoints, kept) => {
  const planOf = (months: number) =>
    planRun(
      inputOf(
        "HuggingFaceTB/SmolLM2-135M",
        recipeOf(
          `training: { steps: 20, checkpoint_every: ${20 / checkpoints} }\n` +
            `plan: { storage_months: ${months}, storage_usd_per_gb_month: 1000, seeds: 1 }\n`,
        ),
        [],
      ),
    );
  const stored = planOf(2);
  expect(stored.schedule.checkpoints).toBe(checkpoints);
  const bytes = (3 * kept + 1) * 4 * stored.model.trainedParameters;
  const paid = dollars(stored.total.p50) - dollars(planOf(0).total.p50);
  expect(paid).toBeCloseTo((2 * 1000 * bytes) / 1e9, 2);
});
