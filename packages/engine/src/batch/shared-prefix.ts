/**
 * @file Detects the prefix that all rows of a batch share.
 *
 * In a causal model the hidden states of a shared prefix are the same in every row, so they are computed once. The
 * gradients that the rows send into the prefix add up, exactly as they would over copies.
 */
import type { EncodedRow } from "@tunewise/core/rows";

/** Minimum length: a shorter prefix saves less than the second part of the softmax costs. */
const worthwhile = 8;

/**
 * Number of leading tokens shared by all rows, or 0 if sharing does not pay off.
 *
 * The last shared token must not carry a label: its successor differs between rows.
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
