/**
 * @file Keys of `guards`: what each guard of a run's curves may do.
 */
import * as z from "zod";
import type { SnakeKeys } from "./case.ts";
import type { GuardsDraft, RecipeFile } from "./draft.ts";
import { choice, either, open, positive, set } from "./field.ts";

const mapping = { error: "a section with keys below it" };

/** The section written out, its open keys still open. */
type GuardsFile = SnakeKeys<GuardsDraft>;

const words = ["off", "warn", "stop"] as const;
const word = choice([...words]);

const section: z.ZodType<GuardsFile> = z.strictObject(
  {
    divergence: set(
      choice(["off", "warn", "stop", "roll-back"]),
      "roll-back",
      "A loss that is no number, or that went up and stayed there: roll-back goes to the last good checkpoint once, with a fifth of the rate, and then stops. Default: roll-back.",
    ),
    learning: set(word, "warn", "A training loss that does not move or does not fall. Default: warn."),
    overfitting: set(
      word,
      "warn",
      "A validation loss that rises beyond its noise while the training loss falls. Default: warn.",
    ),
    doomed: open(
      word,
      "A chance below 5 % to beat `target`, or else the best run on the same rows. Default: stop where there is a `target`, else warn.",
    ),
    plateau: set(word, "warn", "A validation loss that has stopped falling. Default: warn."),
    too_good: set(
      word,
      "warn",
      "Validation rows that are answered better than can be: a sign of a leak. Default: warn.",
    ),
    gradients: set(word, "warn", "Gradients and steps out of the usual range. Default: warn."),
    target: open(
      positive(1000),
      "Validation loss to beat, in nats per token. Default: none, and the best run on the same rows is what a run is compared with.",
    ),
  },
  mapping,
);

/** The `guards` section; one word alone stands for all of them. */
export const guardsSection: z.ZodType<RecipeFile["guards"]> = either(
  word,
  section,
  "off, warn, stop, or a section with guards' names",
);
