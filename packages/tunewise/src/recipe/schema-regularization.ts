/** @file Keys of `regularization`: regularization against catastrophic forgetting. */

import { dataEndingsText, escapedDataEndings } from "@tunewise/core/format";
import * as z from "zod";
import { camelKeys, type RecipeFile, type RegularizationDraft, type SnakeKeys } from "./draft.ts";
import { below, choice, decimal, either, integer, list, mapping, open, set, shaped, text } from "./field.ts";

/** The section before dependent defaults. */
type RegularizationFile = SnakeKeys<RegularizationDraft>;

const methods = ["none", "ewc", "l2-sp", "replay"] as const;

const reference = shaped(
  new RegExp(`^(general|.*\\.(${escapedDataEndings}))$`),
  `general, or a file ending in ${dataEndingsText}`,
);

const section: z.ZodType<RegularizationFile> = z.strictObject(
  {
    method: set(
      choice([...methods]),
      "none",
      "ewc: elastic weight consolidation on `reference` · l2-sp: penalty on the distance from the base weights · replay: mix in rows of `reference`; preferable if old rows exist. Default: none.",
    ),
    reference: set(
      reference,
      "general",
      "Text or rows that represent the old skills: general (the bundled text) or a file.",
    ),
    lambda: open(
      decimal(0, 1e12),
      "Strength of the penalty. Default: depends on `method` and the trained weights.",
    ),
    examples: set(
      integer(8, 100_000),
      64,
      "ewc: number of sequences for estimating the importance of weights.",
    ),
    length: set(integer(8, 8192), 128, "Maximum tokens per sequence."),
    estimator: set(
      choice(["empirical", "sampled"]),
      "empirical",
      "ewc: gradients of the text's own tokens (empirical), or of tokens sampled from the model. Default: empirical.",
    ),
    fisher: set(
      choice(["auto", "full", "factored"]),
      "auto",
      "ewc: importance per weight (2 bytes each), or factored by row and column. Default: auto, factored for LoRA and full for all weights.",
    ),
    earlier: set(
      list(text("a file"), "files"),
      [],
      "ewc: importance files of earlier tasks, oldest first (online EWC).",
    ),
    gamma: set(decimal(0, 1), 0.9, "ewc: decay of earlier importance per task."),
    share: set(below(0, 0.9), 0.1, "replay: share of old rows among the training rows."),
  },
  mapping,
);

/** The `regularization` section, or the name of a method with its defaults. */
export const regularizationSection: z.ZodType<RecipeFile["regularization"]> = either(
  choice([...methods]),
  section,
  "none, ewc, l2-sp, replay, or a section with `method`",
);

/** Default values of the section. */
export const defaultRegularization: RegularizationDraft = camelKeys<RegularizationDraft>(section.parse({}));
