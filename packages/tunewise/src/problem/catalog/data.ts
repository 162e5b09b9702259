/** @file Problems of data files and rows. Data only. */

export const dataProblems = {
  CHECK_TARGET_TAKEN: {
    title: "The folder for the cleaned copy is not empty",
    message: "{folder} exists and is not empty, and a cleaned copy overwrites nothing",
    fix: "Name another one: tunewise check --fix --into {folder}-2",
    exitCode: 64,
    docs: "`tunewise check --fix` writes a copy of the data into a new or empty folder, so that neither the data nor an earlier copy is lost.",
  },
  CHECK_OUTPUT_IS_INPUT: {
    title: "The page would overwrite an input file",
    message: "{file} is the recipe or one of its data files, and was not changed",
    fix: "Name another file: tunewise check -o check.html",
    exitCode: 64,
    docs: "`tunewise check -o FILE` writes the findings. It replaces an earlier page, but never the recipe or the data.",
  },
  CHECK_DATA_CHANGED: {
    title: "The data changed during the check",
    message: "{files} changed since the check, so no copy was written",
    fix: "Run the same command again when no other program writes to the data",
    docs: "A cleaned copy omits lines by their number. If a file changes between the check and the copy, those numbers belong to other rows.",
  },
  DATA_TURN_CHANGED: {
    title: "The chat template rewrites earlier answers",
    message:
      "the model's chat template changes an earlier answer once later turns follow, so it has no loss: {rows}; first {first}",
    fix: "Write one row per answer, each ending with its answer; or set data.train_on: last to train only the last answers",
    exitCode: 2,
    docs: "Some templates remove parts of earlier turns, such as reasoning. Such a turn has other tokens in the rendered conversation than the model must generate when it is the last one, so training on it would teach the wrong text. The turn stays as context. Later turns of the row are trained.",
  },
  DATA_CALLS_IGNORED: {
    title: "The chat template drops tool calls",
    message: "the model's chat template writes no tool calls, and rows contain some",
    fix: "Train a model whose template writes calls, such as model: Qwen/Qwen2.5-0.5B-Instruct",
    exitCode: 2,
    docs: "The rows are rendered by the template that came with the model. Before rows are encoded, tunewise renders a call with it. If the call does not appear, the turns of the rows that call tools would be trained as empty turns.",
  },
  DATA_TOOLS_IGNORED: {
    title: "The chat template drops the tools",
    message: "the model's chat template does not write the tools that rows offer",
    fix: "Train a model whose template writes tools, such as model: Qwen/Qwen2.5-0.5B-Instruct",
    exitCode: 2,
    docs: "The model would learn to call tools without seeing their definitions, and could not use other tools later.",
  },
  DATA_ROW_TRUNCATED: {
    title: "Rows cut to the maximum length",
    message: "longer than {maxLength} tokens and cut: {rows}; longest {longest}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "The end of a longer row is cut off, so the model does not learn how its answer ends.",
  },
  DATA_ROW_DROPPED: {
    title: "Rows dropped because of their length",
    message: "longer than {maxLength} tokens and dropped: {rows}; longest {longest}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "With `overflow: drop`, longer rows are dropped.",
  },
  DATA_ROW_TOO_LONG: {
    title: "Rows longer than the maximum length",
    message: "longer than {maxLength} tokens: {rows}; longest {longest}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "With `overflow: error`, a row must not be longer than `max_length`.",
  },
  DATA_ANSWER_CUT: {
    title: "Answers cut off entirely",
    message: "no token of the answer fits into {maxLength} tokens, dropped: {rows}",
    fix: "data.max_length: {suggested}",
    exitCode: 2,
    docs: "The prompt alone fills the maximum length, so the model would learn nothing from these rows.",
  },
  DATA_END_MISSING: {
    title: "Answers without an end token",
    message: "no end token in the trained part of {rows}; first {first}",
    fix: "Use a model whose chat template closes the assistant's turn with an end token of its generation config",
    exitCode: 2,
    docs: "A model that never sees an end token in training does not learn to stop.",
  },
  DATA_BOUNDARY_UNCLEAR: {
    title: "Start of the answer not found",
    message:
      "{rows} could not be used, because the answer's start in the rendered text is unknown; first {first}",
    fix: "Set data.loss: all, or use another chat template",
    exitCode: 2,
    docs: "The template changes earlier turns or the answer itself: the rendered prompt is not a prefix of the rendered row, and the answer's text does not occur in it.",
  },
  DATA_PROMPT_NOT_PREFIX: {
    title: "Prompt tokens change when the answer follows",
    message: "the answer changes the prompt's last tokens in {rows}; first {first}",
    fix: "End the prompt at a clear boundary, for example without a trailing space",
    exitCode: 2,
    docs: "In generation the model sees the tokens of the prompt alone. If the tokenizer joins prompt and answer into one token, training sees other tokens. The joined token is trained.",
  },
  DATA_TEMPLATE_REFUSED: {
    title: "Rows rejected by the chat template",
    message: "rejected by the model's chat template: {rows}; first {first}",
    fix: "Change the rows to what the template allows, for example alternating roles and no system message",
    exitCode: 2,
    docs: "Templates may reject conversations on purpose, usually because roles do not alternate or because the model does not support a system message.",
  },
  DATA_PAD_IS_END: {
    title: "The padding token is the end token",
    message:
      "the tokenizer pads with its end token (id {id}); labels depend on positions, so the end is still trained",
    fix: "No change needed here; other trainers mask the padding token by id, and the model then never learns to stop",
    exitCode: 2,
    docs: "Many trainers mask padding by its token id. If that is also the end token, they mask every end. tunewise labels by position.",
  },
  DATA_BOS_DOUBLED: {
    title: "Two beginning-of-sequence tokens",
    message: "the beginning-of-sequence token appears twice at the start of {rows}; first {first}",
    fix: "Remove the beginning-of-sequence token from the rows' text",
    exitCode: 2,
    docs: "The chat template writes the token itself; the second one comes from the data.",
  },
} as const;
