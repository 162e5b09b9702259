/** @file Problems of object storage and store archives. Data only. */

export const storageProblems = {
  PURGE_NOT_CONFIRMED: {
    title: "A purge needs a yes",
    message: "{things} would be removed for good, and there is no terminal to ask in.",
    fix: "tunewise store purge --yes, or --dry-run to count only",
    exitCode: 3,
    docs: "What is purged cannot be restored but from a backup. Its cost stays in the ledger.",
  },
  PURGE_AGE_INVALID: {
    title: "This is no age",
    message: "--older-than takes a number of hours, days or weeks, such as 12h, 30d or 8w; found {found}.",
    fix: "tunewise store purge --older-than 30d",
    exitCode: 64,
    docs: "The age counts from the moment of the deletion. 0d removes everything that was deleted.",
  },
  ARCHIVE_EXISTS: {
    title: "There is a file of that name",
    message: "{path} is there already.",
    fix: "name another file",
    exitCode: 64,
    docs: "A backup never replaces a file, as it may be the last good one.",
  },
} as const;
