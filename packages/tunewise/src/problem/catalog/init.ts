/** @file Problems of `tunewise init`. Data only. */

export const initProblems = {
  INIT_DATA_MISSING: {
    title: "No data were named",
    message:
      "No file of rows was named, and {folder} does not hold exactly one, or one called after training rows.",
    fix: "tunewise init FILE",
    exitCode: 64,
    docs: "`tunewise init` opens a data file and proposes a recipe for it. It takes a file, a folder with train, validation and test files, or a hub data set as hub:owner/name.",
  },
  INIT_DATA_NOT_FOUND: {
    title: "The data are not there",
    message: "{path} does not exist; {near}.",
    fix: "Correct the path, which is read from the folder you stand in: tunewise init FILE",
    exitCode: 64,
    docs: "The path of a data file is read from where the command runs. In the recipe it is written relative to the recipe's folder.",
  },
  INIT_DATA_UNCLEAR: {
    title: "Which file holds the training rows?",
    message: "The folder {folder} has no file called after training rows; it has {files}.",
    fix: "Name the file: tunewise init {first}",
    exitCode: 64,
    docs: "In a folder, files are taken by their names: train, validation (or valid, val, dev) and test (or eval). A folder with a single file of rows needs no name.",
  },
  INIT_COLUMNS_UNCLEAR: {
    title: "Which columns are prompt and answer?",
    message:
      "{file} has the columns {columns}, and neither names nor values tell which are prompt and answer.",
    fix: "tunewise init {file} --prompt {prompt} --completion {completion}",
    exitCode: 64,
    docs: "`init` weighs names of columns with what their values are like: their lengths, how often they repeat, whether they are numbers. Where two columns fit alike it asks in a terminal and stops elsewhere, because a wrong guess would cost a run.",
  },
  INIT_TOOL_CALLS: {
    title: "The conversations call tools",
    message: "{rows} of {of} rows of {file} call tools, which tunewise does not train on yet.",
    fix: "Keep the rows without tool calls, or write the calls as text of the answer; then: tunewise init FILE",
    exitCode: 64,
    docs: "A turn that asks for a tool has no text that could be learned; how it is written depends on the model's template. Nothing is trained without its calls in silence.",
  },
  INIT_TOO_FEW_ROWS: {
    title: "Too few rows to split",
    message:
      "{file} has {usable}. A tenth is set aside for validation and another for testing, which takes at least {needed} usable rows.",
    fix: "Add rows to {file} until it has {needed}, better 100 or more; then: tunewise init {file}",
    exitCode: 64,
    docs: "Without files for validation and test, `init` leaves the shares at 0.1 each. Rounded, a tenth of fewer than 5 rows is no row, so that nothing could be evaluated. Fewer than 100 clean rows seldom beat a good prompt.",
  },
  INIT_ROWS_UNUSABLE: {
    title: "No row can be used",
    message: "Not one row of {file} can be trained on: {reason}.",
    fix: "Name the columns if others are meant: tunewise init {file} --prompt NAME --completion NAME",
    exitCode: 64,
    docs: "The file could be opened, and no row has a prompt with an answer behind it.",
  },
} as const;
