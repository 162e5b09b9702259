/** @file Problems about: overlap. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const overlapProblems = {
  DATA_NEAR_DUPLICATES: {
    title: "Rows that nearly repeat others",
    message: "{count} {split} rows nearly repeat an earlier one ({percent} %){differing}; first {first}",
    fix: "Keep one row of each, or weigh them less",
    exitCode: 2,
    since: "0.1.0",
    docs: "The same words in another order, one word added, left out or changed, 80 % of the different words in common, or 70 % of the runs of five words. Such rows weigh more in training than they say, and a model learns them by heart. Rows without a remedy carry another label than their twin: look at both. A note where answers are labels, since one label is said in many ways that are alike, and where less than a hundredth of the rows are meant.",
  },
  DATA_LEAK_NEAR: {
    title: "Held-out rows nearly seen in training",
    message: "{count} {split} rows nearly repeat a {other} row ({percent} %){differing}; first {first}",
    fix: "Move each row and its twin to the same side, or remove the twins from {other}",
    exitCode: 2,
    since: "0.1.0",
    docs: "The same words in another order, one word added, left out or changed, 80 % of the different words in common, or 70 % of the runs of five words. A model can answer such rows by memory, so that metrics on them are too good. Exact repetitions are told as DATA_LEAK.",
  },
  DATA_LEAK_CONTAINED: {
    title: "Held-out rows stand inside training rows",
    message:
      "{count} {split} rows stand for the most part inside a longer {other} row ({percent} %); first {first}",
    fix: "Remove these rows from {other}, or cut the passages out of them",
    exitCode: 2,
    since: "0.1.0",
    docs: "At least half of a held-out row's runs of 8 (or 13) words stand in one training row, whatever else stands there. Runs that many held-out rows have, such as a prompt's fixed words, are not counted.",
  },
  DATA_LEAK_GROUP: {
    title: "A group on both sides of the split",
    message:
      "{count} {split} rows belong to one of {groups} groups that {other} has as well ({percent} %); first {first}",
    fix: "Split by group, so that each falls wholly on one side",
    exitCode: 2,
    since: "0.1.0",
    docs: "Rows of one customer, document or conversation are alike in ways that new ones are not. Where a group stands on both sides, metrics tell how well the model knows it, and not how it does on the next one.",
  },
  DATA_LEAK_TIME: {
    title: "Held-out rows from before training ended",
    message: "{count} {split} rows are older than the newest training row ({percent} %); first {first}",
    fix: "Split by time: train on what came first, hold out what came last",
    exitCode: 2,
    since: "0.1.0",
    docs: "In use, a model meets what came after its training data. Metrics on rows from the same time are too good wherever the world, the users or the wording change.",
  },
} as const;
