/** @file Problems of scoring and assertions. Data only. */

export const scoringProblems = {
  SCORING_PATTERN_INVALID: {
    title: "A pattern that cannot be read",
    message: "`task.pattern` is no regular expression that can be used: {reason}",
    fix: "Write one in JavaScript's syntax, such as ^[A-Z]+-[0-9]+$, in quotes",
    exitCode: 2,
    docs: "The metric regex searches every answer for the pattern, under a time limit, so that no pattern can block a run.",
  },
  SCORING_FILE_UNREADABLE: {
    title: "A file of a metric cannot be read",
    message: "`task.{key}` names {name}, which cannot be used: {reason}",
    fix: "Correct `task.{key}`; the path starts from the recipe's folder",
    exitCode: 2,
    docs: "A JSON Schema or a file of assertions is read before anything is computed. Files above 16 MiB and schemas with unsupported keywords are refused.",
  },
  SCORE_CONTRADICTS: {
    title: "Judgements that cannot be",
    message: "{who}: {what}",
    fix: "Check the row: run the reference by itself, or use another metric",
    exitCode: 2,
    docs: "Whatever a metric compares, a text is equal to itself. An answer that equals its reference letter by letter and counts as wrong shows that the metric cannot read the reference (ROUGE counts Latin letters and digits alone), or that the reference gives another result each time (a query with random()). Scores and comparisons by that metric are not to be trusted.",
  },
  ASSERTION_UNSUPPORTED: {
    title: "An assertion is not supported",
    message: "{path}: {place} is of type {type}, which is not supported.",
    fix: "Say the same with equals, contains, regex, is-json or llm-rubric",
    exitCode: 2,
    docs: "Assertions that are programs (javascript, python, a transform, a file) are never run, and some types need what is not measured. The other assertions of the file are read.",
  },
  ASSERTION_INVALID: {
    title: "An assertion cannot be read",
    message: "{path}: {place} is refused because {reason}.",
    fix: "Correct {place}",
    exitCode: 2,
    docs: "Each type of assertion needs its value: a text, a list, a pattern that can be read, a JSON Schema, or a threshold for cost and latency.",
  },
} as const;
