/**
 * @file Problems of held-out rows that training shows in other words.
 */
export const paraphraseProblems = {
  DATA_LEAK_PARAPHRASE: {
    title: "Held-out rows said in other words in training",
    message:
      "{count} {split} rows say what a row of {other} says in other words ({percent} %); flagged: {how}; first {first}",
    fix: "Read the pairs, and remove the rows that mean the same from {other}",
    exitCode: 2,
    since: "0.1.0",
    docs: "Metrics on questions the model was trained on in other words are too good. Rows are compared by rare words, pairs of words and parts of words; a row is flagged where its nearest training row stands out from the next nearest by more than rows of this data usually do, or says nearly the same words. Rows with the same long answer to a changed question count too. Some pairs may be about different things after all, so read them first.",
  },
  DATA_LEAK_TWIN: {
    title: "Held-out rows with a twin in training",
    message:
      "{count} {split} rows are rows of {other} with other names or numbers ({percent} %); first {first}",
    fix: "Read the pairs, and split the data by template if answers carry over",
    exitCode: 2,
    since: "0.1.0",
    docs: "With numbers and names masked the rows are alike, as written they are not. Twins are no leak as long as the task is to work with the numbers; they make the metric too good where the model only has to know the template.",
  },
} as const;
