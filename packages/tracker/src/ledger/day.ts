/** @file Days as the ledger counts them. */

/** Milliseconds of a day. */
export const dayMs = 86_400_000;
