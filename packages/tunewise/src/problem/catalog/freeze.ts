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
} as const;
