/** @file Problems about: assertions in promptfoo's format. Data only; `index.ts` checks every entry. */

export const assertionProblems = {
  ASSERTION_UNSUPPORTED: {
    title: "An assertion cannot be judged here",
    message: "{path}: {place} is of type {type}, which is not judged here.",
    fix: "Say the same with equals, contains, regex, is-json or llm-rubric",
    exitCode: 2,
    since: "0.1.0",
    docs: "Assertions that are programs (javascript, python, a transform, a file) are never run, and some types need what is not measured. The other assertions of the file are read.",
  },
  ASSERTION_INVALID: {
    title: "An assertion cannot be read",
    message: "{path}: {place} is refused because {reason}.",
    fix: "Correct {place}",
    exitCode: 2,
    since: "0.1.0",
    docs: "Each type of assertion needs its value: a text, a list, a pattern that can be read, a JSON Schema, or a threshold for cost and latency.",
  },
} as const;
