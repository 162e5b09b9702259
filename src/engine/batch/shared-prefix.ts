/**
 * @file The text all rows of a batch begin with.
 *
 * In a causal model the states of a common beginning are the same in every row, so they are computed once; the
 * gradients that the rows send into them add up, as they would over copies.
 */
import type { EncodedRow } from "../../dataset/index.ts";

/** Below this the saving does not pay for the second part of the softmax. */
const worthwhile = 8;

/**
 * Number of leading tokens shared by all rows, or 0 where sharing does not pay.
 *
 * The last shared token must not be asked to predict: its successor differs between rows.
 */
export function sharedPrefix(rows: readonly EncodedRow[]): number {
  const [first] = rows;
  if (!first || rows.length < 2) return 0;
  let length = Math.min(...rows.map((row) => Math.min(row.ids.length - 1, firstLabel(row) - 1)));
  for (const row of rows) {
    let at = 0;
    while (at < length && row.ids[at] === first.ids[at]) at++;
    length = at;
  }
  return length >= worthwhile ? length : 0;
}

function firstLabel(row: EncodedRow): number {
  const at = row.labelled.indexOf(1);
  return at < 0 ? row.ids.length : at;
}
