/** @file Keys of `data` and `checks`: sources of rows, truncation, loss mask, and the checks before a run. */
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import { below, choice, integer, list, mapping, open, optionalSection, set, shaped, text } from "./field.ts";

/** A file of a supported kind, or a hub data set. */
const SOURCE =
  /^(hub:[\w.-]+\/[\w.-]+|.*\.(jsonl|ndjson|json|csv|tsv|tab|txt|parquet|JSONL|NDJSON|JSON|CSV|TSV|TAB|TXT|PARQUET))$/;
const source = shaped(
  SOURCE,
  "a file ending in .jsonl, .json, .csv, .tsv or .parquet, or a data set as hub:owner/name",
);
const rowCap = integer(1, 1_000_000_000);
const split = z.strictObject(
  {
    validation: open(
      below(0, 1),
      "Share of the training rows set aside to watch the loss. Default: 0.1, or 0 where `data.validation` is given.",
    ),
    test: open(
      below(0, 1),
      "Share of the training rows set aside to judge the result. Default: 0.1, or 0 where `data.test` is given.",
    ),
    seed: set(integer(0, 4_294_967_295), 17, "Decides which rows are set aside. Default: 17."),
    by: set(
      choice(["rows", "group", "similarity"]),
      "rows",
      "What stays on one side: each row by itself, all rows of a `group`, or rows that nearly repeat each other. Default: rows.",
    ),
  },
  mapping,
);

const columns = z.strictObject(
  {
    prompt: text("the name of the column that holds the prompt").describe("Column of the prompt."),
    completion: text("the name of the column that holds the answer").describe("Column of the answer."),
  },
  mapping,
);

const rows = z.strictObject(
  {
    train: open(rowCap, "Use at most so many training rows. Default: all."),
    validation: open(rowCap, "Use at most so many validation rows. Default: all."),
    test: open(rowCap, "Use at most so many test rows. Default: all."),
  },
  mapping,
);

/** The `data` section. */
export const dataSection: z.ZodType<RecipeFile["data"]> = z.strictObject(
  {
    train: source.describe(
      "Training rows: a .jsonl, .json, .csv, .tsv or .parquet file relative to this recipe, or hub:owner/name.",
    ),
    validation: open(source, "Rows to watch the loss on during the run. Default: a share of `train`."),
    test: open(source, "Rows to judge the result on, never trained on. Default: a share of `train`."),
    split: optionalSection(split, "Shares of `train` taken as validation and test where no file is given."),
    format: set(
      choice(["auto", "chat", "prompt-completion", "instruction", "table"]),
      "auto",
      "Shape of a row: chat (`messages`), prompt-completion, instruction (`instruction`, `input`, `output`) or table (`columns`). Default: auto, from the first rows.",
    ),
    columns: open(columns, "Which columns of a table are prompt and answer. Default: found by name."),
    group: open(
      text("the name of a column"),
      "Column whose equal values belong together, such as a customer or a document. Default: none.",
    ),
    time: open(
      text("the name of a column"),
      "Column with the time of a row: a date, or seconds or milliseconds since 1970. Default: none.",
    ),
    system: open(
      text("text of a system message"),
      "System message put before every row that has none. Default: what the model's chat template does.",
    ),
    prompt_template: set(
      text("text with {prompt} or another {column} in it"),
      "{prompt}",
      "Text around the prompt; {prompt} and any {column} are replaced. Default: {prompt}.",
    ),
    max_length: set(
      integer(8, 1_048_576),
      1024,
      "Longest row, in tokens. Memory and time per step grow with it. Default: 1024.",
    ),
    overflow: set(
      choice(["truncate", "drop", "error"]),
      "truncate",
      "What happens to a longer row: cut it, leave it out, or refuse to run. Default: truncate.",
    ),
    loss: set(
      choice(["completion", "all"]),
      "completion",
      "Which tokens are learned: the answer alone, or the prompt too. Default: completion.",
    ),
    rows: optionalSection(rows, "Caps on rows: the first ones after a shuffle seeded by `split.seed`."),
    bad_rows: set(
      choice(["error", "skip"]),
      "error",
      "Whether rows that cannot be used stop the run or are left out and listed. Default: error.",
    ),
  },
  mapping,
);

const code = shaped(/^[A-Z][A-Z0-9_]{2,60}$/, "a code of a finding, such as DATA_LEAK");
const file = shaped(
  /\.(jsonl|json|csv|tsv|parquet|JSONL|JSON|CSV|TSV|PARQUET)$/,
  "a file of rows, such as eval.jsonl",
);

/** The `checks` section. */
export const checksSection: z.ZodType<RecipeFile["checks"]> = z.strictObject(
  {
    depth: set(
      choice(["full", "exact"]),
      "full",
      "full: all checks · exact: repeats, leaks and labels by exact match alone, for very large data. Default: full.",
    ),
    benchmarks: set(
      list(file, "files of rows"),
      [],
      "Rows that training must not hold, such as those of a public benchmark: files relative to this recipe. Default: none.",
    ),
    error: set(
      list(code, "codes of findings"),
      [],
      "Findings that stop a run. Default: none beside their own.",
    ),
    warning: set(
      list(code, "codes of findings"),
      [],
      "Findings that only warn. Default: none beside their own.",
    ),
    ignore: set(list(code, "codes of findings"), [], "Findings that are not shown. Default: none."),
  },
  mapping,
);
