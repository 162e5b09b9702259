/** @file Keys of `search`: settings to try, fidelity, and budget. */
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import { choice, decimal, either, flag, integer, list, mapping, open, positive, set, text } from "./field.ts";

const end = decimal(-1e12, 1e12);

const range = z.strictObject(
  {
    from: end.describe("The lowest value."),
    to: end.describe("The highest value."),
    scale: open(
      choice(["log", "linear"]),
      "Spacing of values. Default: log for ranges of a factor of ten or more, otherwise linear.",
    ),
  },
  mapping,
);

const value = z.union(
  [z.number(), z.boolean(), z.string().max(200), list(text("a name"), "names")],
  "a value of the key",
);
const hyperparameter = either(
  range,
  list(value, "values"),
  "two ends such as { from: 1e-5, to: 1e-3 }, or a list of values",
);

const budget = z.strictObject(
  {
    usd: open(positive(10_000_000), "Cap of all trials and final runs, in dollars. Default: none."),
    minutes: open(
      positive(10_000_000),
      "Cap of all trials and final runs, in minutes, for a machine without a price. Default: none.",
    ),
  },
  mapping,
);

/**
 * The `search` section.
 *
 * @source defaults of factor and shortest rung: Li et al. 2020 (arXiv 1810.05934), section 3.1
 */
export const searchSection: z.ZodType<RecipeFile["search"]> = z.strictObject(
  {
    space: set<RecipeFile["search"]["space"]>(
      z.record(z.string().max(80), hyperparameter, mapping),
      {},
      "Hyperparameters with ranges or values, such as training.learning_rate: { from: 1e-5, to: 1e-3 } or method.rank: [4, 8, 16]. Default: the learning rate, from a fifth to five times the recipe's.",
    ),
    budget: budget.prefault({} as never).describe("Caps of the search, including its final runs."),
    trials: open(integer(1, 10_000), "Maximum number of trials. Default: as many as the budget allows."),
    range_test: open(
      integer(20, 10_000),
      "Steps of a learning rate range test before the first trial, which narrows the range of learning rates. Default: none.",
    ),
    parallel: set(
      integer(1, 64),
      1,
      "Number of concurrent trials. Each is a process with its share of the machine's threads, memory and price.",
    ),
    shortest: set(
      positive(1),
      0.11,
      "Share of the steps or rows in the first rung. Default: 0.11, about a ninth.",
    ),
    fidelity: set(
      choice(["steps", "rows"]),
      "steps",
      "steps: a trial pauses after a share of its steps and resumes if promoted · rows: a trial trains on a share of the rows, and again on a larger share if promoted.",
    ),
    factor: set(decimal(1.5, 100), 3, "Reduction factor: 1 in this many trials is promoted."),
    promotion: set(
      choice(["asha", "pasha", "none"]),
      "asha",
      "asha: promote the best third · pasha: add longer rungs only if the ranking changes · none: train every trial in full.",
    ),
    proposer: set(
      choice(["gaussian-process", "tpe", "halton", "random"]),
      "gaussian-process",
      "Algorithm that proposes the next trial.",
    ),
    seed: set(
      integer(0, 4_294_967_295),
      17,
      "The same recipe, data, prices and seed give the same proposals.",
    ),
    final: set(
      flag(),
      true,
      "Train the best and the recipe's own settings in full and evaluate both on the test rows.",
    ),
  },
  mapping,
);
