/** @file Parses one comparison of a filter, `entity.key comparison value`, and one item of an order. */
import type { Comparator } from "../../index.ts";
import { type Cursor, type Refuse, readFrom } from "./tokens.ts";

/** One comparison; `entity` is the part before the first dot, `null` if there is none. */
export interface Clause {
  readonly entity: string | null;
  readonly key: string;
  readonly comparison: Comparator;
  /** One value, several for `IN`, none for `IS NULL`. Quoted values are strings, others numbers. */
  readonly values: readonly (string | number)[];
}

/** One item of an order. */
export interface OrderItem extends Pick<Clause, "entity" | "key"> {
  readonly ascending: boolean;
}

/** Maximum clauses of a filter. */
export const maxClauses = 100;
/** Maximum values of a list. SQLite accepts 32,766 in a statement. */
const maxList = 5_000;

/**
 * Parses a comparison.
 *
 * @throws the error of `refuse` if there is none
 */
export function readClause(cursor: Cursor, refuse: Refuse): Clause {
  const name = cursor.take("name");
  if (!name) throw cursor.expected("a name");
  const comparison = readComparison(cursor);
  return { entity: name.entity, key: name.text, comparison, values: readValues(cursor, comparison, refuse) };
}

/**
 * Parses one item of an order: a name, then `ASC` or `DESC` or nothing.
 *
 * @throws the error of `refuse` for an invalid text
 */
export function readOrder(text: string, refuse: Refuse): OrderItem {
  const cursor = readFrom(text, refuse);
  const name = cursor.take("name");
  const ascending = !cursor.words("DESC");
  if (ascending) cursor.words("ASC");
  if (!name || !cursor.isAtEnd()) throw refuse("an order is a name, then ASC or DESC");
  return { entity: name.entity, key: name.text, ascending };
}

const signs = ["=", "!=", "<", "<=", ">", ">="] as const;
const verbs = ["LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"] as const;

function readComparison(cursor: Cursor): Comparator {
  const found = signs.find(cursor.mark) ?? verbs.find(cursor.words);
  if (found) return found;
  throw cursor.expected("a comparison");
}

function readValues(cursor: Cursor, comparison: Comparator, refuse: Refuse): (string | number)[] {
  if (comparison.startsWith("IS")) return [];
  if (!comparison.endsWith("IN")) return [readValue(cursor)];
  if (!cursor.mark("(")) throw cursor.expected("a list in brackets");
  const values = [readValue(cursor)];
  while (!cursor.mark(")")) {
    if (!cursor.mark(",")) throw cursor.expected("a comma");
    if (cursor.mark(")")) break;
    values.push(readValue(cursor));
    if (values.length > maxList) throw refuse(`a list has more than ${maxList} values`);
  }
  return values;
}

function readValue(cursor: Cursor): string | number {
  // values may be in double quotes, which otherwise enclose names
  const token = cursor.take("text") ?? cursor.take("number") ?? cursor.take("name", '"');
  if (!token) throw cursor.expected("a value in quotes or a number");
  return token.kind === "number" ? Number(token.text) : token.text;
}
