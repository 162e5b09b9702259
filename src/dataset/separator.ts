/**
 * @file Which mark parts the fields of a table, told from its first rows.
 */
import { splitTableRow, tableRowEnds } from "./csv.ts";

/** Marks in the order in which they are taken where two fit alike. */
const marks = [",", ";", "\t", "|"] as const;

/** Rows that are looked at. */
const rowsSeen = 50;

/**
 * The separator a table most probably uses: the one that gives most rows as many fields as the first row has; of two,
 * the one that gives more fields. A comma where none occurs.
 *
 * @param text the beginning of the table, its last row possibly cut off
 */
export function likelySeparator(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  const rated = marks.map((mark) => ({ mark, ...rate(bytes, mark) }));
  const best = rated.reduce((one, next) =>
    next.share > one.share + 1e-9 || (next.share >= one.share - 1e-9 && next.fields > one.fields)
      ? next
      : one,
  );
  return best.fields > 1 ? best.mark : ",";
}

function rate(bytes: Buffer, mark: string): { readonly share: number; readonly fields: number } {
  const counts = fieldCounts(bytes, mark);
  const [fields = 1] = counts;
  if (fields < 2) return { share: 0, fields: 1 };
  return { share: counts.filter((count) => count === fields).length / counts.length, fields };
}

/** Numbers of fields of the first rows; 0 for a row that is no table row under this separator. */
function fieldCounts(bytes: Buffer, mark: string): number[] {
  const ends = tableRowEnds(mark);
  const counts: number[] = [];
  let from = 0;
  while (from < bytes.length && counts.length < rowsSeen) {
    const end = ends.next(bytes, from);
    // the last row may be cut off, unless it is the only one
    if (end < 0 && counts.length > 0) break;
    const row = bytes.toString("utf8", from, end < 0 ? bytes.length : end).replace(/\r$/, "");
    if (row.trim() !== "") {
      const cells = splitTableRow(row, mark);
      counts.push(typeof cells === "string" ? 0 : cells.length);
    }
    if (end < 0) break;
    from = end + 1;
  }
  return counts;
}
