/**
 * @file Whether the first line of a table names its columns, or is a row already.
 */
import { isLabelLike } from "./answer-kind.ts";
import { roleEvidence } from "./column-names.ts";
import type { ColumnValues } from "./column-values.ts";

/** A name longer than this in words is a sentence. */
const nameWords = 5;

/**
 * Whether a table begins with a row: a name is a sentence or a number, or a value of its own column, and no name is
 * known.
 *
 * @param columns figures of the columns, read as if the first line named them
 */
export function lacksHeader(columns: readonly ColumnValues[], names: readonly string[]): boolean {
  const isKnown = names.some((name) => Object.values(roleEvidence(name)).some((weight) => weight >= 0.8));
  if (isKnown) return false;
  return names.some((name) => {
    const column = columns.find(({ path }) => path === name);
    const isSentence = name.split(/\s+/).length > nameWords || /[.!?]$/.test(name);
    const isNumber = /^-?\d{1,15}(?:\.\d{1,15})?$/.test(name);
    const isValue = column !== undefined && isLabelLike(name) && column.samples.includes(name);
    return isSentence || isNumber || isValue;
  });
}
