/** @file Problems about: keeping old skills. Data only; every entry must satisfy `ProblemKind`. */

export const keepProblems = {
  FISHER_UNUSABLE: {
    title: "An importance file cannot be used",
    message: "{file}: {detail}.",
    fix: "Name the fisher.safetensors that a run with keep: ewc left in its folder",
    exitCode: 64,
    since: "0.1.0",
    docs: "Importance of weights belongs to one model and one way of estimating it: a strength has no meaning without them, so a file that does not say them, or says others, is refused.",
  },
  KEEP_FEW_EXAMPLES: {
    title: "Few sequences to take importance from",
    message:
      "{found} of {wanted} sequences are there in {file}; fewer than {least} make importance largely chance.",
    fix: "keep:\n  method: ewc\n  reference: old-texts.txt",
    exitCode: 2,
    since: "0.1.0",
    docs: "The importance of a weight is a mean over sequences. A handful of them shows what matters for those few alone, and the pull then holds the wrong weights.",
  },
  KEEP_REFERENCE_EMPTY: {
    title: "The text of the old skills holds nothing to use",
    message: "keep.reference: {file} has {found} usable sequences; {needed} are needed at least.",
    fix: "keep:\n  method: ewc\n  reference: general",
    exitCode: 64,
    since: "0.1.0",
    docs: "EWC takes the importance of weights from it, replay mixes its rows in. With next to nothing in it neither does what it says.",
  },
} as const;
