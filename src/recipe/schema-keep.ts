/** @file Keys of `keep`: regularization against catastrophic forgetting. */
import * as z from "zod";
import { camelKeys, type KeepDraft, type RecipeFile, type SnakeKeys } from "./draft.ts";
import { below, choice, decimal, either, integer, list, mapping, open, set, shaped, text } from "./field.ts";

/** The section before dependent defaults. */
type KeepFile = SnakeKeys<KeepDraft>;

const methods = ["none", "ewc", "l2-sp", "replay"] as const;

const reference = shaped(
  /^(general|.*\.(txt|jsonl|json|csv|tsv|parquet|TXT|JSONL|JSON|CSV|TSV|PARQUET))$/,
  "general, or a file ending in .txt, .jsonl, .json, .csv, .tsv or .parquet",
);

const section: z.ZodType<KeepFile> = z.strictObject(
  {
    method: set(
      choice([...methods]),
      "none",
      "ewc: weights that matter for `reference` are held (elastic weight consolidation) · l2-sp: all weights are held alike · replay: rows of `reference` are mixed in, which is better where old rows exist. Default: none.",
    ),
    reference: set(
      reference,
      "general",
      "Text or rows of the old skills: general, the shipped text, or a file. Default: general.",
    ),
    lambda: open(
      decimal(0, 1e12),
      "Strength of the pull: more keeps more and learns less. Default: by method and what is trained.",
    ),
    examples: set(
      integer(8, 100_000),
      64,
      "ewc: sequences the importance of weights is taken from, once per model and reference. Default: 64.",
    ),
    length: set(integer(8, 8192), 128, "Longest such sequence, in tokens. Default: 128."),
    estimator: set(
      choice(["empirical", "sampled"]),
      "empirical",
      "ewc: gradients of the text's own tokens, or of tokens the model itself would give. Default: empirical.",
    ),
    fisher: set(
      choice(["auto", "full", "factored"]),
      "auto",
      "ewc: importance of each weight (2 bytes each), or of rows and columns (next to nothing). Default: auto, factored for LoRA and full for all weights.",
    ),
    earlier: set(
      list(text("a file"), "files"),
      [],
      "ewc: importance files of tasks learned before, oldest first, as runs leave them (online EWC). Default: none.",
    ),
    gamma: set(
      decimal(0, 1),
      0.9,
      "ewc: share of what was important before that stays so at each task. Default: 0.9.",
    ),
    share: set(below(0, 0.9), 0.1, "replay: share of the training rows that are old ones. Default: 0.1."),
  },
  mapping,
);

/** The `keep` section, or the name of a method with its defaults. */
export const keepSection: z.ZodType<RecipeFile["keep"]> = either(
  choice([...methods]),
  section,
  "none, ewc, l2-sp, replay, or a section with `method`",
);

/** Default values of the section. */
export const defaultKeep: KeepDraft = camelKeys<KeepDraft>(section.parse({}));
