/** @file Problems of `tunewise freeze` and of frozen references. Data only. */

export const freezeProblems = {
  FROZEN_NOT_FOUND: {
    title: "The frozen reference does not exist",
    message: "{path} does not exist.",
    fix: "tunewise freeze MODEL -o {path}",
    exitCode: 64,
    docs: "A frozen reference is the file that `tunewise freeze` writes: the answers of a model behind an API.",
  },
  FROZEN_INVALID: {
    title: "Not a frozen reference",
    message: "{path} cannot be used: line {line}: {reason}.",
    fix: "Restore {path} from a backup, or run the `tunewise freeze` that wrote it again: stored answers are not paid for again",
    exitCode: 64,
    docs: "A frozen reference is JSON Lines: a header, then one answer per line. The message names the first line that is not valid.",
  },
  FROZEN_CHANGED: {
    title: "The frozen reference was changed",
    message: "The answers in {path} have the SHA-256 {found}, but its header records {recorded}.",
    fix: "Restore {path} from a backup, or run the `tunewise freeze` that wrote it again: stored answers are not paid for again",
    exitCode: 64,
    docs: "The header has the SHA-256 of all answers, so that a comparison never uses answers that somebody edited or a broken copy.",
  },
  NOT_WORSE_WITHOUT_METRIC: {
    title: "No score to compare",
    message:
      "Run {run} has no answers with a score in points (its metrics: {metrics}), so no margin applies.",
    fix: "Add a metric to the recipe, such as `task: { metrics: [exact_match] }`, then tunewise run",
    exitCode: 64,
    docs: "`compare --not-worse` compares scores between 0 % and 100 % by row. Perplexity has no points, and a model behind an API has none.",
  },
  NOT_WORSE_WITHOUT_ROWS: {
    title: "No answers to compare",
    message:
      "Of {rows} test rows of run {run}, {pairs} that training has not seen have a frozen answer in {path}; 2 are needed.",
    fix: "tunewise freeze MODEL -o {path}   (in the folder of the recipe)",
    exitCode: 64,
    docs: "A frozen answer belongs to a test row if question and tools are the same. Freeze again after the test rows or the system text of the recipe have changed.",
  },
} as const;
