/** @file Problems of object storage and store archives. Data only. */

export const storageProblems = {
  PURGE_NOT_CONFIRMED: {
    title: "A purge needs a yes",
    message: "{things} would be removed for good, and there is no terminal to ask in.",
    fix: "tunewise store purge --yes, or --dry-run to count only",
    exitCode: 3,
    docs: "What is purged cannot be restored but from a backup. Its cost stays in the ledger.",
  },
} as const;
