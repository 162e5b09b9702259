/** @file Problems of data files and rows. Data only. */

export const dataProblems = {
  CHECK_TARGET_TAKEN: {
    title: "The folder of the cleaned copy is taken",
    message: "{folder} exists and is not empty, and a cleaned copy replaces nothing",
    fix: "Name another one: tunewise check --fix --into {folder}-2",
    exitCode: 64,
    docs: "`tunewise check --fix` writes a copy of the data into a folder that is missing or empty, so that neither the data nor an earlier copy is lost.",
  },
  CHECK_OUTPUT_IS_INPUT: {
    title: "The page would take the place of what it is about",
    message: "{file} is the recipe or one of its data files, and was left as it is",
    fix: "Name another file: tunewise check -o check.html",
    exitCode: 64,
    docs: "`tunewise check -o FILE` writes what was found. It replaces an earlier page, and never the recipe or the data.",
  },
  CHECK_DATA_CHANGED: {
    title: "The data changed while they were checked",
    message: "{files} changed since it was checked, so that no copy was written",
    fix: "Run the same command again once nothing writes to it",
    docs: "A cleaned copy leaves out lines by their number. Where a file is written to between the check and the copy, other rows stand there.",
  },
  DATA_TURN_CHANGED: {
    title: "Earlier answers that the chat template rewrites",
    message:
      "the model's chat template writes an earlier answer otherwise once later turns follow, so that it has no loss: {rows}; first {first}",
    fix: "Write one row per answer, each ending with its answer; or set data.train_on: last to train the last answers only",
    exitCode: 2,
    docs: "Some templates remove parts of earlier turns, such as thoughts. In the rendered conversation such a turn has other tokens than the model must generate when it is the last one, so training on it would teach the wrong text. The turn stays as context. Later turns of the row are trained.",
  },
  DATA_ROW_TRUNCATED: {
    title: "Rows cut to the maximum length",
    message: "longer than {maxLength} tokens and cut: {rows}; longest {longest}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "The end of a longer row is cut off, so the model does not learn how its answer ends.",
  },
  DATA_ROW_DROPPED: {
    title: "Rows left out for their length",
    message: "longer than {maxLength} tokens and left out: {rows}; longest {longest}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "With `overflow: drop` longer rows are left out.",
  },
  DATA_ROW_TOO_LONG: {
    title: "Rows longer than the maximum length",
    message: "longer than {maxLength} tokens: {rows}; longest {longest}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "With `overflow: error` no row may be longer than `max_length`.",
  },
  DATA_ANSWER_CUT: {
    title: "Answers cut off whole",
    message: "no token of the answer fits into {maxLength} tokens, left out: {rows}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "The prompt alone fills the maximum length, so nothing would be learned from these rows.",
  },
  DATA_END_MISSING: {
    title: "Answers that do not end",
    message: "no end token in the trained part of {rows}; first {first}",
    fix: "Use a model whose chat template closes the assistant's turn with an end token of its generation config",
    exitCode: 2,
    docs: "A model that never sees an end token in training does not learn to stop.",
  },
  DATA_BOUNDARY_UNCLEAR: {
    title: "Start of the answer not found",
    message:
      "{rows} could not be used, since the answer's start in the rendered text is not known; first {first}",
    fix: "Set data.loss: all, or use another chat template",
    exitCode: 2,
    docs: "The template changes earlier turns or the answer itself, so that the prompt is no prefix of the whole and the answer's text does not occur in it.",
  },
  DATA_PROMPT_NOT_PREFIX: {
    title: "Prompt tokens differ from the whole",
    message: "other tokens at the answer's start once the answer follows, in {rows}; first {first}",
    fix: "End the prompt at a clear border, for example without a trailing space",
    exitCode: 2,
    docs: "In generation the model sees the prompt's tokens alone. Where the tokenizer joins prompt and answer into one token, training sees other tokens; the joined token is trained on.",
  },
  DATA_TEMPLATE_REFUSED: {
    title: "Rows the chat template refuses",
    message: "refused by the model's chat template: {rows}; first {first}",
    fix: "Change the rows to what the template allows, for example roles that alternate and no system message",
    exitCode: 2,
    docs: "Templates may refuse conversations on purpose, most often for roles that do not alternate or a system message where the model knows none.",
  },
  DATA_PAD_IS_END: {
    title: "Padding token ends answers",
    message:
      "the tokenizer pads with its end token (id {id}); labels come from positions, so the end stays trained",
    fix: "No change needed here; other trainers mask the padding token by id and then never learn to stop",
    exitCode: 2,
    docs: "Many trainers hide padding by its token id. Where that is the end token too, the end is hidden everywhere. tunewise labels by position.",
  },
  DATA_BOS_DOUBLED: {
    title: "Two beginning tokens",
    message: "the beginning-of-sequence token stands twice at the start of {rows}; first {first}",
    fix: "Remove the beginning token from the rows' text",
    exitCode: 2,
    docs: "The chat template writes the token itself; a second one comes from the data.",
  },
} as const;
