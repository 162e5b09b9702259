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
      "How values lie between them. Default: log from a factor of ten on, else linear.",
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
    usd: open(positive(10_000_000), "Dollars that trials and final runs may cost together. Default: none."),
    minutes: open(
      positive(10_000_000),
      "Minutes that trials and final runs may take together; what a machine that costs nothing is searched by. Default: none.",
    ),
  },
  mapping,
);

/**
 * The `search` section.
 *
 * @source defaults of factor and shortest stretch: Li et al. 2020 (arXiv 1810.05934), section 3.1
 */
export const searchSection: z.ZodType<RecipeFile["search"]> = z.strictObject(
  {
    space: set<RecipeFile["search"]["space"]>(
      z.record(z.string().max(80), hyperparameter, mapping),
      {},
      "Keys of this recipe with what to try, such as training.learning_rate: { from: 1e-5, to: 1e-3 } or method.rank: [4, 8, 16]. Default: the learning rate, from a fifth to five times the recipe's.",
    ),
    budget: budget.prefault({} as never).describe("What the search may take, its final runs included."),
    trials: open(integer(1, 10_000), "Most trials. Default: as many as the budget buys."),
    range_test: open(
      integer(20, 10_000),
      "Steps of a run before the first trial, whose learning rate rises from end to end, so that trials keep to rates at which the loss fell. Default: none.",
    ),
    parallel: set(
      integer(1, 64),
      1,
      "Trials at the same time, each a process with its part of the machine's threads, memory and price. Default: 1.",
    ),
    shortest: set(
      positive(1),
      0.11,
      "Share of its steps, or of the rows, after which a trial is compared first. Default: 0.11, about a ninth.",
    ),
    fidelity: set(
      choice(["steps", "rows"]),
      "steps",
      "steps: a trial is paused after a share of its steps and goes on when promoted · rows: it is trained to its end on a share of the rows, and anew on more of them when promoted. Default: steps.",
    ),
    factor: set(
      decimal(1.5, 100),
      3,
      "Of the trials one in so many goes on, so many times as far. Default: 3.",
    ),
    promotion: set(
      choice(["asha", "pasha", "none"]),
      "asha",
      "asha: the best third goes on · pasha: longer rungs open only when they rank otherwise · none: every trial in full. Default: asha.",
    ),
    proposer: set(
      choice(["gaussian-process", "tpe", "halton", "random"]),
      "gaussian-process",
      "What proposes the next settings. Default: gaussian-process.",
    ),
    seed: set(
      integer(0, 4_294_967_295),
      17,
      "Same recipe, data, prices and seed: same proposals. Default: 17.",
    ),
    final: set(
      flag(),
      true,
      "Train the best settings and the recipe's own to the end and judge both on the test rows. Default: true.",
    ),
  },
  mapping,
);
