/** @file Problems of object storage and store archives. Data only. */

export const storageProblems = {
  PURGE_NOT_CONFIRMED: {
    title: "A purge needs confirmation",
    message: "{things} would be permanently removed, and there is no terminal to ask for confirmation.",
    fix: "tunewise store purge --yes, or --dry-run to only count",
    exitCode: 3,
    docs: "Purged data can only be restored from a backup. Their cost stays in the ledger.",
  },
} as const;
