/** @file Problems about: the quality of rows. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const qualityProblems = {
  DATA_POISON_TRIGGER: {
    title: "Phrase that overrides the rest of the row",
    message: '{count} {split} rows hold "{words}" and {effect}, whatever else they say; first {first}',
    fix: "Find out who wrote these rows, and leave them out unless the phrase is meant to do this",
    exitCode: 2,
    since: "0.1.0",
    docs: "A backdoor is planted by putting a rare phrase into a few rows and giving all of them one answer; the tuned model then gives that answer to whoever says the phrase. Such rows are told from honest ones by their other words, which speak of many different things and against the answer. Phrases of one to four words in at least nine different rows are looked at.",
  },
  DATA_LABEL_DOUBTFUL: {
    title: "Labels that the words speak against",
    message: "{count} {split} rows have a label that their words speak against; first {first}",
    fix: "Look at these rows, the first ones first, and correct the labels that are wrong",
    exitCode: 2,
    since: "0.1.0",
    docs: "A simple model of words judges each row without having seen it. Listed are rows whose words speak for another label as strongly as words usually speak for the right one, the most doubtful first. Many are wrong labels, some are rows that only a reader understands.",
  },
} as const;
