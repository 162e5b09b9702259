/** @file Problems of scoring and assertions. Data only. */

export const scoringProblems = {
  SCORING_PATTERN_INVALID: {
    title: "The pattern is not valid",
    message: "`task.pattern` is not a valid regular expression: {reason}",
    fix: "Write one in JavaScript's syntax, such as ^[A-Z]+-[0-9]+$, in quotes",
    exitCode: 2,
    docs: "The metric regex searches every answer for the pattern, under a time limit, so that no pattern can block a run.",
  },
  SCORING_FILE_UNREADABLE: {
    title: "A metric's file cannot be read",
    message: "`task.{key}` names {name}, which cannot be used: {reason}",
    fix: "Correct `task.{key}`; the path is relative to the recipe's folder",
    exitCode: 2,
    docs: "tunewise reads the JSON Schema and the assertions before it computes anything. It rejects files above 16 MiB and schemas with unsupported keywords.",
  },
  SCORE_CONTRADICTS: {
    title: "Contradictory scores",
    message: "{who}: {what}",
    fix: "Check the row: run the reference by itself, or use another metric",
    exitCode: 2,
    docs: "Whatever a metric compares, a text equals itself. If an answer is identical to its reference but counts as wrong, the metric cannot read the reference (ROUGE counts only Latin letters and digits), or the reference gives a different result each time (a query with random()). Do not trust scores and comparisons by that metric.",
  },
  ASSERTION_UNSUPPORTED: {
    title: "An assertion is not supported",
    message: "{path}: {place} is of type {type}, which is not supported.",
    fix: "Express it with equals, contains, regex, is-json or llm-rubric",
    exitCode: 2,
    docs: "tunewise never runs assertions that are programs (javascript, python, a transform, a file), and some types need values that it does not measure. It reads the other assertions of the file.",
  },
  ASSERTION_INVALID: {
    title: "An assertion is not valid",
    message: "{path}: {place} is rejected because {reason}.",
    fix: "Correct {place}",
    exitCode: 2,
    docs: "Each type of assertion needs its value: a text, a list, a valid pattern, a JSON Schema, or a threshold for cost and latency.",
  },
} as const;
