/** @file Problems of regularization and forgetting measurements. Data only. */

export const forgettingProblems = {
  FORGETTING_TEXT_CUT: {
    title: "Documents are cut",
    message: "only the beginning is read of {rows}; first {first}",
    fix: "Nothing to do; split long documents to measure all of them",
    exitCode: 2,
    docs: "Perplexity is taken over at most 512 tokens of a document, and no more than the model's context, so that one long document does not cost as much as a hundred short ones.",
  },
  FORGETTING_ROW_TOO_LONG: {
    title: "Rows longer than the context",
    message: "the model's context is too short for {rows}; first {first}",
    fix: "Shorten the rows, or lower forgetting.max_new_tokens",
    exitCode: 2,
    docs: "A question with its longest choice, or a prompt with room for its answer, must fit into the model's context. Such rows are left out, since cutting them would change what is asked.",
  },
  FORGETTING_TOKEN_OUTSIDE: {
    title: "Tokens the model does not have",
    message: "a token is outside of the model's vocabulary in {rows}; first {first}",
    fix: "Remove special tokens from the text, or use the tokenizer that belongs to the model",
    exitCode: 2,
    docs: "A tokenizer may know tokens that the model has no row for. Rows with such a token are left out.",
  },
  PICK_IMPOSSIBLE: {
    title: "The result cannot be picked that way",
    message: "The checkpoint `{pick}` cannot be picked: {reason}",
    fix: "Pick last, or let the recipe measure what is missing: data.split.validation, forgetting.measure",
    exitCode: 64,
    docs: "`--checkpoint best-validation` chooses by validation loss, `--checkpoint best-tradeoff` by validation loss and forgetting together. Both need numbers from during the run.",
  },
  FORGETTING_COSTLY: {
    title: "Measuring forgetting takes a large share",
    message: "Measuring what is forgotten takes {share} of the run",
    fix: "Lower forgetting.rows and forgetting.curve_rows, or set forgetting.every_checkpoint to false",
    exitCode: 2,
    docs: "A note of the plan. The material is the same for every run, so that runs can be compared; beside a run of a few minutes it is a large part, beside one of an hour it is one per cent.",
  },
  REGULARIZATION_FEW_EXAMPLES: {
    title: "Few sequences to take importance from",
    message:
      "{found} of {wanted} sequences are there in {file}; fewer than {least} make importance largely chance.",
    fix: "regularization:\n  method: ewc\n  reference: old-texts.txt",
    exitCode: 2,
    docs: "The importance of a weight is a mean over sequences. A handful of them shows what matters for those few alone, and the pull then holds the wrong weights.",
  },
  REGULARIZATION_REFERENCE_EMPTY: {
    title: "The text of the old skills holds nothing to use",
    message: "regularization.reference: {file} has {found} usable sequences; {needed} are needed at least.",
    fix: "regularization:\n  method: ewc\n  reference: general",
    exitCode: 64,
    docs: "EWC takes the importance of weights from it, replay mixes its rows in. With next to nothing in it neither does what it says.",
  },
} as const;
