/**
 * @file Parses a filter expression: comparisons joined by `AND`, `OR`, `NOT` and brackets. A single pass from left to
 * right, with limits on depth and number of parts.
 */
import { type Clause, maxClauses, readClause } from "./clause.ts";
import { type Cursor, type Refuse, readFrom } from "./tokens.ts";

/** A parsed expression. */
export type FilterExpression =
  | { readonly clause: Clause }
  | { readonly all: readonly FilterExpression[] }
  | { readonly any: readonly FilterExpression[] }
  | { readonly not: FilterExpression };

/** Maximum nesting of brackets and NOT. */
const maxDepth = 32;
/** Maximum values of all lists together. SQLite accepts 32,766 in a statement. */
const maxValues = 5_000;

/** State of parsing, with the counts so far. */
interface Reading {
  readonly cursor: Cursor;
  readonly refuse: Refuse;
  clauses: number;
  values: number;
}

/**
 * Parses a filter; `null` for an empty one.
 *
 * @throws the error of `refuse` for an invalid text, or one deeper or longer than allowed
 */
export function readExpression(text: string, refuse: Refuse): FilterExpression | null {
  const cursor = readFrom(text, refuse);
  if (cursor.isAtEnd()) return null;
  const expression = readAny({ cursor, refuse, clauses: 0, values: 0 }, 0);
  if (!cursor.isAtEnd()) throw cursor.expected("AND or OR");
  return expression;
}

/** OR binds less tightly than AND. */
function readAny(reading: Reading, depth: number): FilterExpression {
  const any = [readAll(reading, depth)];
  while (reading.cursor.words("OR")) any.push(readAll(reading, depth));
  const [only] = any;
  return any.length === 1 && only ? only : { any };
}

function readAll(reading: Reading, depth: number): FilterExpression {
  const all = [readFactor(reading, depth)];
  while (reading.cursor.words("AND")) all.push(readFactor(reading, depth));
  const [only] = all;
  return all.length === 1 && only ? only : { all };
}

function readFactor(reading: Reading, depth: number): FilterExpression {
  const { cursor, refuse } = reading;
  if (depth > maxDepth) throw refuse(`brackets and NOT are more than ${maxDepth} deep`);
  if (cursor.words("NOT")) return { not: readFactor(reading, depth + 1) };
  if (cursor.mark("(")) {
    const inner = readAny(reading, depth + 1);
    if (!cursor.mark(")")) throw cursor.expected("AND, OR or a closing bracket");
    return inner;
  }
  const clause = readClause(cursor, refuse);
  if (++reading.clauses > maxClauses) throw refuse(`it has more than ${maxClauses} comparisons`);
  reading.values += clause.values.length;
  if (reading.values > maxValues) throw refuse(`it has more than ${maxValues} values`);
  return { clause };
}
