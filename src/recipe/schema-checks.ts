/**
 * @file Keys of `checks`: what is looked for in the rows before a run, and how grave each finding is.
 */
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import { choice, list, set, shaped } from "./field.ts";

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
  { error: "a section with keys below it" },
);
