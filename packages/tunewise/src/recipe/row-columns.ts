/** @file Columns of a row. */

/** Columns of prompt and completion, for rows of a table. */
export interface RowColumns {
  readonly prompt: string;
  readonly completion: string;
  /** Column of the reasoning in front of the answer; absent: none, or inside the answer. */
  readonly reasoning?: string;
}
