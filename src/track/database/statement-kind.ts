/**
 * @file What a statement does: one that writes and gives rows back (`RETURNING`) is asked like a question, and where it
 *   fails, nothing was unreadable.
 */

/** Whether a statement of ours reads or writes. */
export function kindOf(sql: string): "read" | "write" {
  return /^\s*(INSERT|UPDATE|DELETE)\b/i.test(sql) ? "write" : "read";
}
