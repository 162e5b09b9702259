/**
 * @file A filter as clauses that all must hold: `entity.key comparison value AND ...`. There is no OR, and no nesting.
 * The text is read once from left to right, so that time grows with its length alone.
 *
 * @source mlflow.org docs, "Search Runs": identifiers `entity.key` with odd keys in backticks or double quotes, values
 *   in single or double quotes, numbers, comparisons
 */
import type { Comparator } from "../../../../track/index.ts";
import type { Refusal } from "../../../http/route.ts";
import { invalidParameter } from "../refuse.ts";

/** One clause; `entity` is what stands before the first dot, `null` if there is none. */
export interface Clause {
  readonly entity: string | null;
  readonly key: string;
  readonly comparison: Comparator;
  /** One value, several for `IN`, none for `IS NULL`. Texts were quoted, numbers were not. */
  readonly values: readonly (string | number)[];
}

/** One item of an order. */
interface OrderItem extends Pick<Clause, "entity" | "key"> {
  readonly ascending: boolean;
}

const maxClauses = 100;
/** SQLite takes 32,766 values in a statement. */
const maxList = 5_000;
/** Longest filter: a list of a thousand run ids has some 36,000 characters. */
const maxLength = 100_000;

/** A filter, token by token. */
interface Cursor {
  /** Takes the token if it is that mark. */
  readonly mark: (mark: string) => boolean;
  /** Takes the tokens if they are these words, in any case. */
  readonly words: (words: string) => boolean;
  readonly take: (kind: Token["kind"], quote?: string) => Token | null;
  readonly isAtEnd: () => boolean;
  /** The error where the next token begins. */
  readonly expected: (what: string) => Refusal;
}

function readFrom(tokens: readonly Token[]): Cursor {
  let at = 0;
  const isWord = (token: Token | undefined, word: string): boolean =>
    token?.kind === "name" &&
    token.entity === null &&
    token.quote === "" &&
    token.text.toUpperCase() === word;
  return {
    mark: (mark) => tokens[at]?.kind === "mark" && tokens[at]?.text === mark && ++at > 0,
    words: (words) => {
      const list = words.split(" ");
      if (!list.every((word, offset) => isWord(tokens[at + offset], word))) return false;
      at += list.length;
      return true;
    },
    take: (kind, quote) => {
      const token = tokens[at];
      if (token?.kind !== kind || (quote !== undefined && (token.quote !== quote || token.entity !== null))) {
        return null;
      }
      at++;
      return token;
    },
    isAtEnd: () => at >= tokens.length,
    expected: (what) => {
      const token = tokens[at];
      return invalidFilter(`${what} was expected${token ? ` at letter ${token.at + 1}` : " at the end"}`);
    },
  };
}

/**
 * Reads a filter.
 *
 * @throws {Refusal} for one that cannot be read
 */
export function readClauses(text: string): Clause[] {
  const cursor = readFrom(readTokens(text));
  const clauses: Clause[] = [];
  while (!cursor.isAtEnd()) {
    if (clauses.length > 0 && !cursor.words("AND")) throw cursor.expected("AND");
    const name = cursor.take("name");
    if (!name) throw cursor.expected("a name");
    const comparison = readComparison(cursor);
    clauses.push({ entity: name.entity, key: name.text, comparison, values: readValues(cursor, comparison) });
    if (clauses.length > maxClauses) throw invalidFilter(`there are more than ${maxClauses}`);
  }
  return clauses;
}

/**
 * Reads one item of an order: a name, then `ASC` or `DESC` or nothing.
 *
 * @throws {Refusal} for one that cannot be read
 */
export function readOrderItem(text: string): OrderItem {
  const cursor = readFrom(readTokens(text));
  const name = cursor.take("name");
  const ascending = !cursor.words("DESC");
  if (ascending) cursor.words("ASC");
  if (!name || !cursor.isAtEnd()) throw invalidFilter("an order is a name, then ASC or DESC");
  return { entity: name.entity, key: name.text, ascending };
}

const signs = ["=", "!=", "<", "<=", ">", ">="] as const;
const verbs = ["LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"] as const;

function readComparison(cursor: Cursor): Comparator {
  const found = signs.find(cursor.mark) ?? verbs.find(cursor.words);
  if (found) return found;
  throw cursor.expected("a comparison");
}

function readValues(cursor: Cursor, comparison: Comparator): (string | number)[] {
  if (comparison.startsWith("IS")) return [];
  if (!comparison.endsWith("IN")) return [readValue(cursor)];
  if (!cursor.mark("(")) throw cursor.expected("a list in brackets");
  const values = [readValue(cursor)];
  while (!cursor.mark(")")) {
    if (!cursor.mark(",")) throw cursor.expected("a comma");
    if (cursor.mark(")")) break;
    values.push(readValue(cursor));
    if (values.length > maxList) throw invalidFilter(`a list has more than ${maxList} values`);
  }
  return values;
}

function readValue(cursor: Cursor): string | number {
  // Double quotes hold values too.
  const token = cursor.take("text") ?? cursor.take("number") ?? cursor.take("name", '"');
  if (!token) throw cursor.expected("a value in quotes or a number");
  return token.kind === "number" ? Number(token.text) : token.text;
}

/** A piece of a filter and where it begins. */
interface Token {
  readonly kind: "name" | "text" | "number" | "mark";
  /** Of a name: before its first dot. */
  readonly entity: string | null;
  readonly text: string;
  /** What the text stood in. */
  readonly quote: string;
  readonly at: number;
  readonly end: number;
}

function readTokens(text: string): Token[] {
  if (text.length > maxLength) throw invalidParameter(`A filter may have ${maxLength} letters at most.`);
  if (text.includes("\0")) throw invalidFilter("it holds a NUL letter");
  const tokens: Token[] = [];
  let at = endOf(/\s*/y, text, 0);
  while (at < text.length) {
    const token = readToken(text, at);
    tokens.push(token);
    at = endOf(/\s*/y, text, token.end);
  }
  return tokens;
}

/** Where a match at a position ends, or the position itself. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The error for a filter that cannot be read. */
export function invalidFilter(why: string): Refusal {
  return invalidParameter(`Invalid clause(s) in filter string: ${why}.`);
}

const bare = /[^\s'"`()=<>!,.]+/y;
const bareKey = /[^\s'"`()=<>!,;]+/y;

function readToken(text: string, at: number): Token {
  const token = { entity: null, quote: "", at };
  if (text[at] === "'") return { ...token, kind: "text", ...readQuoted(text, at) };
  const mark = endOf(/[<>!]=|[()=<>,]/y, text, at);
  if (mark > at) return { ...token, kind: "mark", text: text.slice(at, mark), end: mark };
  if (text[at] === "!") throw invalidFilter(`'!' at letter ${at + 1}`);
  const end = endOf(/[-+.]?\d(?:[eE][-+]?|[\d.])*/y, text, at);
  // a name may begin with a digit where it is no number: 3d_loss
  if (end === at || endOf(bare, text, end) > end) return readName(text, at);
  const number = text.slice(at, end);
  if (Number.isFinite(Number(number))) return { ...token, kind: "number", text: number, end };
  throw invalidFilter(`'${number.slice(0, 40)}' is no number`);
}

/** `entity.key`, or a key alone. Only the first dot divides. */
function readName(text: string, at: number): Token {
  const first = readPart(text, at, bare);
  if (text[first.end] !== ".") {
    return { kind: "name", entity: null, at, ...first };
  }
  return { kind: "name", entity: first.text, at, ...readPart(text, first.end + 1, bareKey) };
}

type Part = Pick<Token, "text" | "quote" | "end">;

function readPart(text: string, at: number, pattern: RegExp): Part {
  if (text[at] === "`" || text[at] === '"') return readQuoted(text, at);
  const end = endOf(pattern, text, at);
  if (end === at) throw invalidFilter(`a name was expected at letter ${at + 1}`);
  return { text: text.slice(at, end), quote: "", end };
}

/** What stands between quotes; a quote that belongs to the text is doubled. */
function readQuoted(text: string, at: number): Part {
  const quote = text[at] as string;
  let inner = "";
  let from = at + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end < 0) throw invalidFilter(`the quote at letter ${at + 1} is not closed`);
    inner += text.slice(from, end);
    if (text[end + 1] !== quote) return { text: inner, quote, end: end + 1 };
    inner += quote;
    from = end + 2;
  }
}

/** The comparison as one of texts. @throws {Refusal} for one of another kind */
export function textClause(clause: Clause): Clause {
  const { comparison, values, key } = clause;
  if (/^([<>]|IS)/.test(comparison)) {
    throw invalidFilter(`${comparison} does not compare texts, such as ${key.slice(0, 100)}`);
  }
  if (values.every((value) => typeof value === "string")) return clause;
  throw invalidFilter(`a quoted text is expected for ${key.slice(0, 100)}`);
}

/** The comparison as one of numbers. A quoted number will do. @throws {Refusal} for one of another kind */
export function numberClause(clause: Clause, isInteger: boolean): Clause {
  const { comparison, values, key } = clause;
  if (/IN$|LIKE$|^IS/.test(comparison)) {
    throw invalidFilter(`${comparison} does not compare numbers, such as ${key.slice(0, 100)}`);
  }
  const numbers = values.map((value) => (value === "" ? Number.NaN : Number(value)));
  if (numbers.every(isInteger ? Number.isSafeInteger : Number.isFinite))
    return { ...clause, values: numbers };
  throw invalidFilter(`a ${isInteger ? "whole " : ""}number is expected for ${key.slice(0, 100)}`);
}
