/** @file Problems of `tunewise init`. Data only. */

export const initProblems = {
  INIT_DATA_MISSING: {
    title: "No data file given",
    message:
      "No data file was given, and {folder} contains neither a single one nor one named after training rows.",
    fix: "tunewise init FILE",
    exitCode: 64,
    docs: "`tunewise init` opens a data file and proposes a recipe for it. It accepts a file, a folder with train, validation and test files, or a hub data set as hub:owner/name.",
  },
  INIT_DATA_NOT_FOUND: {
    title: "The data file does not exist",
    message: "{path} does not exist; {near}.",
    fix: "Correct the path, which is relative to the current folder: tunewise init FILE",
    exitCode: 64,
    docs: "The path of a data file is relative to the folder where the command runs. In the recipe it is relative to the recipe's folder.",
  },
  INIT_DATA_UNCLEAR: {
    title: "Which file holds the training rows?",
    message: "The folder {folder} contains no file named after training rows; it contains {files}.",
    fix: "Name the file: tunewise init {first}",
    exitCode: 64,
    docs: "In a folder, `init` takes the parts that `datasets.save_to_disk` or the `configs` of a README.md list. Otherwise it recognizes files and folders by their names: train, validation (or valid, val, dev) and test (or eval). If a folder contains a single data file, its name does not matter.",
  },
  INIT_COLUMNS_UNCLEAR: {
    title: "Which columns are prompt and answer?",
    message:
      "{file} has the columns {columns}, and neither names nor values show which are prompt and answer.",
    fix: "tunewise init {file} --prompt {prompt} --completion {completion}",
    exitCode: 64,
    docs: "`init` weighs the names of columns and their values: lengths, repetitions, and whether they are numbers. If two columns fit equally well, it asks in a terminal and stops otherwise, because a wrong guess would cost a run.",
  },
  INIT_TOO_FEW_ROWS: {
    title: "Too few rows to split",
    message:
      "{file} has {usable}. A tenth is held out for validation and another for testing, which takes at least {needed} usable rows.",
    fix: "Add rows to {file} until it has {needed}, better 100 or more; then: tunewise init {file}",
    exitCode: 64,
    docs: "Without files for validation and test, `init` uses shares of 0.1 each. A tenth of fewer than 5 rows rounds to zero rows, so nothing could be evaluated. Fewer than 100 clean rows seldom beat a good prompt.",
  },
  INIT_ROWS_UNUSABLE: {
    title: "No row can be used",
    message: "None of the rows of {file} can be trained on: {reason}.",
    fix: "Name other columns if these are wrong: tunewise init {file} --prompt NAME --completion NAME",
    exitCode: 64,
    docs: "The file could be opened, but no row has a prompt followed by an answer.",
  },
} as const;
