/** @file Problems of regularization and forgetting measurements. Data only. */

export const forgettingProblems = {
  FORGETTING_TEXT_CUT: {
    title: "Documents are truncated",
    message: "only the beginning is read of {rows}; first {first}",
    fix: "Nothing to do; split long documents to measure all of them",
    exitCode: 2,
    docs: "Perplexity is measured on at most 512 tokens of a document, and at most the model's context, so that one long document does not cost as much as a hundred short ones.",
  },
  FORGETTING_ROW_TOO_LONG: {
    title: "Rows longer than the context",
    message: "the model's context is too short for {rows}; first {first}",
    fix: "Shorten the rows, or lower forgetting.max_new_tokens",
    exitCode: 2,
    docs: "A question with its longest choice, or a prompt plus the maximum length of its answer, must fit into the model's context. Rows that do not fit are dropped, because truncation would change the question.",
  },
  FORGETTING_TOKEN_OUTSIDE: {
    title: "Tokens outside the model's vocabulary",
    message: "a token is outside the model's vocabulary in {rows}; first {first}",
    fix: "Remove special tokens from the text, or use the tokenizer that belongs to the model",
    exitCode: 2,
    docs: "A tokenizer may know tokens for which the model has no embedding. Rows with such a token are dropped.",
  },
  PICK_IMPOSSIBLE: {
    title: "The checkpoint cannot be selected that way",
    message: "The checkpoint `{pick}` cannot be selected: {reason}",
    fix: "Use --checkpoint last, or let the recipe measure what is missing: data.split.validation, forgetting.measure",
    exitCode: 64,
    docs: "`--checkpoint best-validation` selects by validation loss, `--checkpoint best-tradeoff` by validation loss and forgetting together. Both need measurements during the run.",
  },
  FORGETTING_COSTLY: {
    title: "Measuring forgetting takes a large share of the run",
    message: "Measuring forgetting takes {share} of the run",
    fix: "Lower forgetting.rows and forgetting.curve_rows, or set forgetting.every_checkpoint to false",
    exitCode: 2,
    docs: "A note of the plan. Every run is measured with the same data, so that runs can be compared. The measurement is a large part of a run of a few minutes, but one percent of a run of an hour.",
  },
  REGULARIZATION_FEW_EXAMPLES: {
    title: "Too few sequences to estimate importance",
    message:
      "{file} contains {found} of {wanted} sequences; with fewer than {least}, importance is mostly chance.",
    fix: "regularization:\n  method: ewc\n  reference: old-texts.txt",
    exitCode: 2,
    docs: "The importance of a weight is a mean over sequences. A few sequences show only what matters for themselves, so the penalty would protect the wrong weights.",
  },
  REGULARIZATION_REFERENCE_EMPTY: {
    title: "The regularization reference has no usable text",
    message: "regularization.reference: {file} has {found} usable sequences; at least {needed} are needed.",
    fix: "regularization:\n  method: ewc\n  reference: general",
    exitCode: 64,
    docs: "EWC estimates the importance of weights from this file, and replay mixes its rows into training. With almost no text, neither has an effect.",
  },
} as const;
