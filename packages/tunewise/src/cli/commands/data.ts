/** @file `tunewise data`: look at rows. */
import type { Command, CommandGroup } from "../command.ts";
import { settingsFlag } from "../flags.ts";

/** The group. */
export const dataGroup: CommandGroup = {
  name: "data",
  summary: "look at rows as training sees them",
  category: "prepare",
  about: "Shows rows after the model's chat template and tokenizer.",
};

const show: Command = {
  name: "data show",
  summary: "show rows after template and tokenizer, with trained tokens marked",
  category: "prepare",
  about:
    "Renders and tokenizes rows with the functions of training and marks the trained tokens. Without --row, counts the rows that are read, trained and left out, with the reasons, lists the longest ones and shows the first row. A data file needs no recipe: its columns are detected as by `tunewise init`. Downloads the tokenizer, not the weights.",
  arguments: [
    {
      name: "SOURCE",
      summary: "a recipe (.yaml) or a data file; default: tunewise.yaml",
      optional: true,
      completes: "file",
    },
  ],
  flags: [
    {
      name: "row",
      value: "N",
      kind: "whole",
      least: 1,
      most: 100_000_000,
      summary: "show only this row, by its number in the file, from 1",
    },
    {
      name: "split",
      value: "SPLIT",
      choices: ["train", "validation", "test"],
      summary: "rows of this split; default: train",
    },
    {
      name: "model",
      value: "ID",
      summary: "hub id, folder or .gguf file; default: as in the recipe or as by `init`",
    },
    settingsFlag,
    { name: "html", value: "FILE", summary: "also write an HTML page", completes: "file" },
  ],
  examples: [
    { line: "tunewise data show", does: "summarize the training rows of ./tunewise.yaml" },
    { line: "tunewise data show train.jsonl --row 17", does: "show one row of a file" },
    { line: "tunewise data show --split test --html rows.html", does: "write a page about the test rows" },
  ],
  exitCodes: [2, 4],
};

/** The commands, in the order of help. */
export const dataCommands: readonly Command[] = [show];
