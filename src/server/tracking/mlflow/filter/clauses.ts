/**
 * @file A filter as clauses that all must hold: `entity.key comparison value AND ...`. There is no OR, and no nesting.
 */
import { invalidFilter, readTokens, type Token } from "./tokens.ts";

/** How a clause compares. */
export type Comparison =
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "LIKE"
  | "ILIKE"
  | "IN"
  | "NOT IN"
  | "IS NULL"
  | "IS NOT NULL";

/** One clause; `entity` is what stands before the first dot, `null` where there is none. */
export interface Clause {
  readonly entity: string | null;
  readonly key: string;
  readonly comparison: Comparison;
  /** One value, several for `IN`, none for `IS NULL`. Texts were quoted, numbers were not. */
  readonly values: readonly (string | number)[];
}

/** One item of an order. */
export interface OrderItem {
  readonly entity: string | null;
  readonly key: string;
  readonly ascending: boolean;
}

const clausesMost = 100;
/** SQLite takes 32,766 values in a statement. */
const listMost = 5_000;
const signs: ReadonlySet<string> = new Set(["=", "!=", "<", "<=", ">", ">="]);

/**
 * Reads a filter.
 *
 * @throws {MlflowError} for one that cannot be read
 */
export function readClauses(text: string): Clause[] {
  const tokens = readTokens(text);
  const clauses: Clause[] = [];
  let at = 0;
  while (at < tokens.length) {
    if (clauses.length > 0) {
      if (!isWord(tokens[at], "AND")) throw invalidFilter(`AND was expected${place(tokens[at])}`);
      at++;
    }
    const { clause, end } = readClause(tokens, at);
    clauses.push(clause);
    if (clauses.length > clausesMost) throw invalidFilter(`there are more than ${clausesMost}`);
    at = end;
  }
  return clauses;
}

/**
 * Reads one item of an order: a name, then `ASC` or `DESC` or nothing.
 *
 * @throws {MlflowError} for one that cannot be read
 */
export function readOrderItem(text: string): OrderItem {
  const [name, direction, ...more] = readTokens(text);
  const isDescending = isWord(direction, "DESC");
  if (name?.kind !== "name" || more.length > 0 || (direction && !isDescending && !isWord(direction, "ASC"))) {
    throw invalidFilter("an order is a name, then ASC or DESC");
  }
  return { entity: name.entity, key: name.key, ascending: !isDescending };
}

function readClause(tokens: readonly Token[], at: number): { clause: Clause; end: number } {
  const name = tokens[at];
  if (name?.kind !== "name") throw invalidFilter(`a name was expected${place(name)}`);
  const { entity, key } = name;
  const [comparison, from] = readComparison(tokens, at + 1);
  if (comparison === "IS NULL" || comparison === "IS NOT NULL") {
    return { clause: { entity, key, comparison, values: [] }, end: from };
  }
  if (comparison === "IN" || comparison === "NOT IN") {
    const [values, end] = readList(tokens, from);
    return { clause: { entity, key, comparison, values }, end };
  }
  return { clause: { entity, key, comparison, values: [readValue(tokens[from])] }, end: from + 1 };
}

function readComparison(tokens: readonly Token[], at: number): [Comparison, number] {
  const token = tokens[at];
  if (token?.kind === "mark" && signs.has(token.mark)) return [token.mark as Comparison, at + 1];
  const words: readonly (readonly [Comparison, readonly string[]])[] = [
    ["LIKE", ["LIKE"]],
    ["ILIKE", ["ILIKE"]],
    ["IN", ["IN"]],
    ["NOT IN", ["NOT", "IN"]],
    ["IS NULL", ["IS", "NULL"]],
    ["IS NOT NULL", ["IS", "NOT", "NULL"]],
  ];
  for (const [comparison, needed] of words) {
    if (needed.every((word, offset) => isWord(tokens[at + offset], word))) {
      return [comparison, at + needed.length];
    }
  }
  throw invalidFilter(`a comparison was expected${place(token)}`);
}

function readList(tokens: readonly Token[], from: number): [(string | number)[], number] {
  if (!isMark(tokens[from], "("))
    throw invalidFilter(`a list in brackets was expected${place(tokens[from])}`);
  const values: (string | number)[] = [];
  let at = from + 1;
  for (;;) {
    if (isMark(tokens[at], ")") && values.length > 0) return [values, at + 1];
    values.push(readValue(tokens[at]));
    if (values.length > listMost) throw invalidFilter(`a list has more than ${listMost} values`);
    at++;
    if (isMark(tokens[at], ")")) return [values, at + 1];
    if (!isMark(tokens[at], ",")) throw invalidFilter(`a comma was expected${place(tokens[at])}`);
    at++;
  }
}

/** Double quotes hold values too. */
function readValue(token: Token | undefined): string | number {
  if (token?.kind === "text") return token.text;
  if (token?.kind === "number") return token.value;
  if (token?.kind === "name" && token.entity === null && token.quote === '"') return token.key;
  throw invalidFilter(`a value in quotes or a number was expected${place(token)}`);
}

function isWord(token: Token | undefined, word: string): boolean {
  return (
    token?.kind === "name" && token.entity === null && token.quote === "" && token.key.toUpperCase() === word
  );
}

function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === "mark" && token.mark === mark;
}

function place(token: Token | undefined): string {
  return token ? ` at letter ${token.at + 1}` : " at the end";
}
