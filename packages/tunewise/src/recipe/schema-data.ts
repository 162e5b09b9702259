/** @file Keys of `data` and `checks`: sources of rows, truncation, loss mask, and the checks before a run. */

import { dataEndingsText, escapedDataEndings } from "@tunewise/core/format";
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import {
  below,
  choice,
  integer,
  list,
  mapping,
  open,
  optionalSection,
  positive,
  set,
  shaped,
  text,
} from "./field.ts";

const sourceText = `a file ending in ${dataEndingsText}, a folder ending in /, or a data set as hub:owner/name`;
/** A file of a supported kind, several as a folder or by a pattern, or a hub data set. */
const source = shaped(new RegExp(`^(hub:[\\w.-]+/[\\w.-]+|.*\\.(${escapedDataEndings})|.*/)$`), sourceText);
const rowCap = integer(1, 1_000_000_000);
const mixSource = z.strictObject(
  {
    file: source.describe("Rows: a file, a folder, a pattern or hub:owner/name, as for `train`."),
    weight: open(
      positive(1_000_000),
      "Relative frequency of its rows in an epoch, for all sources or none. Default: each row once per epoch.",
    ),
    rows: open(rowCap, "Maximum number of its rows, chosen by a shuffle with `split.seed`. Default: all."),
  },
  mapping,
);
const split = z.strictObject(
  {
    validation: open(
      below(0, 1),
      "Share of the training rows held out for validation. Default: 0.1, or 0 with `data.validation`.",
    ),
    test: open(
      below(0, 1),
      "Share of the training rows held out for testing. Default: 0.1, or 0 with `data.test`.",
    ),
    seed: set(integer(0, 4_294_967_295), 17, "Seed of the split."),
    by: set(
      choice(["rows", "group", "similarity", "time"]),
      "rows",
      "Unit that is never split: a row, all rows of a `group`, or near-duplicate rows. time: the latest rows by `time` become test rows, the ones before them validation rows; rows of a `group` stay together.",
    ),
  },
  mapping,
);

const columns = z.strictObject(
  {
    prompt: text("the name of the column that holds the prompt").describe("Column of the prompt."),
    completion: text("the name of the column that holds the answer").describe("Column of the answer."),
    reasoning: text("the name of the column that holds the reasoning")
      .exactOptional()
      .describe("Column of the reasoning in front of the answer. Default: none, or inside the answer."),
  },
  mapping,
);

const rows = z.strictObject(
  {
    train: open(rowCap, "Maximum number of training rows. Default: all."),
    validation: open(rowCap, "Maximum number of validation rows. Default: all."),
    test: open(rowCap, "Maximum number of test rows. Default: all."),
  },
  mapping,
);

/** The `data` section. */
export const dataSection: z.ZodType<RecipeFile["data"]> = z
  .strictObject(
    {
      train: open(
        source,
        `Training rows: a file relative to this recipe ending in ${dataEndingsText}, a folder ending in /, a pattern with *, or hub:owner/name. Required, unless \`mix\` names them.`,
      ),
      mix: open(
        list(mixSource, "sources such as { file: a.jsonl, weight: 2 }"),
        "Several sources of training rows instead of `train`. Default: none.",
      ),
      validation: open(source, "Validation rows. Default: a share of `train`."),
      test: open(source, "Test rows, never used for training. Default: a share of `train`."),
      split: optionalSection(
        split,
        "Shares of `train` held out for validation and testing if no file is given.",
      ),
      format: set(
        choice(["auto", "chat", "prompt-completion", "instruction", "table", "preference", "text"]),
        "auto",
        "Row format: chat (`messages`), prompt-completion, instruction (`instruction`, `input`, `output`), table (`columns`), preference (`answers`) or text (documents, for `task.kind: language-modeling`). Default: auto, detected from the first rows.",
      ),
      columns: open(columns, "Prompt and completion columns of a table. Default: detected by name."),
      text_column: open(
        text("the name of the column that holds the documents"),
        "Column of the documents of `language-modeling`. Default: text, otherwise the only column with text.",
      ),
      sample_by: set(
        choice(["document", "paragraph", "line"]),
        "document",
        "What a text file (.txt, .md) contains with `language-modeling`: one document, or one per paragraph or line. Default: document.",
      ),
      answers: open(
        choice(["chosen"]),
        "chosen: train on the chosen answers of preference rows (SFT); rejected answers are only compared with them. Default: such rows are refused.",
      ),
      group: open(
        text("the name of a column"),
        "Column that groups rows, such as a customer or a document. Default: none.",
      ),
      time: open(
        text("the name of a column"),
        "Timestamp column: a date, or seconds or milliseconds since 1970. Default: none.",
      ),
      system: open(
        text("text of a system message"),
        "System message for rows without one. Default: that of the chat template.",
      ),
      prompt_template: set(
        text("text with {prompt} or another {column} in it"),
        "{prompt}",
        "Prompt template with {prompt} and {column} placeholders.",
      ),
      max_length: set(
        integer(8, 1_048_576),
        1024,
        "Maximum tokens per row. Memory and time per step increase with it.",
      ),
      overflow: set(
        choice(["truncate", "drop", "error"]),
        "truncate",
        "Rows longer than max_length: truncate them, drop them, or refuse to run. Default: truncate.",
      ),
      loss: set(
        choice(["completion", "all"]),
        "completion",
        "Tokens in the loss: only the completion, or also the prompt. Default: completion.",
      ),
      train_on: set(
        choice(["all", "last"]),
        "all",
        "Assistant turns to train on: all, or only the last. Messages with `weight: 0` are context only. Default: all.",
      ),
      reasoning: set(
        choice(["train", "mask", "strip"]),
        "train",
        "Reasoning in front of answers (`reasoning_content`, `<think>`): train it, keep it without loss, or remove it. Default: train.",
      ),
      rows: optionalSection(rows, "Maximum numbers of rows, taken after a shuffle with `split.seed`."),
      bad_rows: set(
        choice(["error", "skip"]),
        "error",
        "Unusable rows: refuse to run, or skip and list them.",
      ),
    },
    mapping,
  )
  .superRefine(({ train, mix }, context) => {
    if (train === null && mix === null)
      context.addIssue({ code: "custom", path: ["train"], message: sourceText });
  });

const code = shaped(/^[A-Z][A-Z0-9_]{2,60}$/, "a code of a finding, such as DATA_LEAK");
const file = shaped(
  new RegExp(`\\.(${escapedDataEndings})$`),
  `a file of rows, such as eval.jsonl, ending in ${dataEndingsText}`,
);

/** The `checks` section. */
export const checksSection: z.ZodType<RecipeFile["checks"]> = z.strictObject(
  {
    depth: set(
      choice(["full", "exact"]),
      "full",
      "full: all checks · exact: duplicates, leakage and labels by exact match only, for very large datasets.",
    ),
    benchmarks: set(
      list(file, "files of rows"),
      [],
      "Files of benchmark rows that must not occur in the training rows.",
    ),
    error: set(list(code, "codes of findings"), [], "Findings to raise to errors, which block a run."),
    warning: set(list(code, "codes of findings"), [], "Findings to lower to warnings."),
    ignore: set(list(code, "codes of findings"), [], "Findings to hide."),
  },
  mapping,
);
