/**
 * @file A filter as clauses that all must hold: `entity.key comparison value AND ...`. There is no OR, and no nesting.
 * The text is read once from left to right, so that time grows with its length alone.
 *
 * @source mlflow.org docs, "Search Runs": identifiers `entity.key` with odd keys in backticks or double quotes, values
 *   in single or double quotes, numbers, comparisons
 */
import { MlflowError } from "../refuse.ts";

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
interface OrderItem {
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

/** A piece of a filter and where it begins. */
type Token =
  | {
      readonly kind: "name";
      readonly entity: string | null;
      readonly key: string;
      readonly quote: Quote;
      readonly at: number;
    }
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "mark"; readonly mark: string; readonly at: number };

/** What a key stands in. */
type Quote = "" | "`" | '"';

/** Longest filter: a list of a thousand run ids has some 36,000 letters. */
const lettersMost = 100_000;

/**
 * Reads a filter's tokens.
 *
 * @throws {MlflowError} for what is no token
 */
function readTokens(text: string): Token[] {
  if (text.length > lettersMost) {
    throw new MlflowError("INVALID_PARAMETER_VALUE", `A filter may have ${lettersMost} letters at most.`);
  }
  if (text.includes("\0")) throw invalidFilter("it holds a NUL letter");
  const tokens: Token[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const [token, end] = readToken(text, at);
    tokens.push(token);
    at = skipSpace(text, end);
  }
  return tokens;
}

/** The error for a filter that cannot be read. */
function invalidFilter(why: string): MlflowError {
  return new MlflowError("INVALID_PARAMETER_VALUE", `Invalid clause(s) in filter string: ${why}.`);
}

const space = /\s/;
const bareLetter = /[^\s'"`()=<>!,.]/;
const bareKeyLetter = /[^\s'"`()=<>!,;]/;
const digit = /[0-9]/;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && space.test(text[at] as string)) at++;
  return at;
}

function readToken(text: string, at: number): [Token, number] {
  const letter = text[at] as string;
  if (letter === "'") {
    const [inner, end] = readQuoted(text, at, "'");
    return [{ kind: "text", text: inner, at }, end];
  }
  if (letter === "(" || letter === ")" || letter === ",") return [{ kind: "mark", mark: letter, at }, at + 1];
  if ("=<>!".includes(letter)) {
    const two = text.slice(at, at + 2);
    const mark = ["<=", ">=", "!="].includes(two) ? two : letter;
    if (mark === "!") throw invalidFilter(`'!' at letter ${at + 1}`);
    return [{ kind: "mark", mark, at }, at + mark.length];
  }
  if (
    digit.test(letter) ||
    ((letter === "-" || letter === "+" || letter === ".") && digit.test(text[at + 1] ?? ""))
  ) {
    return readNumber(text, at);
  }
  return readName(text, at);
}

/** `entity.key`, or a key alone. Only the first dot divides. */
function readName(text: string, at: number): [Token, number] {
  const first = readPart(text, at, bareLetter);
  if (text[first.end] !== ".") {
    return [{ kind: "name", entity: null, key: first.part, quote: first.quote, at }, first.end];
  }
  const rest = readPart(text, first.end + 1, bareKeyLetter);
  return [{ kind: "name", entity: first.part, key: rest.part, quote: rest.quote, at }, rest.end];
}

function readPart(text: string, at: number, bare: RegExp): { part: string; quote: Quote; end: number } {
  const letter = text[at];
  if (letter === "`" || letter === '"') {
    const [part, end] = readQuoted(text, at, letter);
    return { part, quote: letter, end };
  }
  let end = at;
  while (end < text.length && bare.test(text[end] as string)) end++;
  if (end === at) throw invalidFilter(`a name was expected at letter ${at + 1}`);
  return { part: text.slice(at, end), quote: "", end };
}

/** What stands between quotes; a quote that belongs to the text is doubled. */
function readQuoted(text: string, at: number, quote: string): [string, number] {
  let inner = "";
  let from = at + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end < 0) throw invalidFilter(`the quote at letter ${at + 1} is not closed`);
    inner += text.slice(from, end);
    if (text[end + 1] !== quote) return [inner, end + 1];
    inner += quote;
    from = end + 2;
  }
}

function readNumber(text: string, at: number): [Token, number] {
  let end = at + 1;
  while (end < text.length && /[0-9.eE]/.test(text[end] as string)) {
    end += /[eE]/.test(text[end] as string) && /[+-]/.test(text[end + 1] ?? "") ? 2 : 1;
  }
  const value = Number(text.slice(at, end));
  // a name may begin with a digit where it is no number: 3d_loss
  if (bareLetter.test(text[end] ?? " ")) return readName(text, at);
  if (!Number.isFinite(value))
    throw invalidFilter(`'${text.slice(at, Math.min(end, at + 40))}' is no number`);
  return [{ kind: "number", value, at }, end];
}
