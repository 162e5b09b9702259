/**
 * @file A filter text as a list of tokens, read once from left to right: time grows with the text's length alone.
 *
 * @source mlflow.org docs, "Search Runs": identifiers `entity.key` with odd keys in backticks or double quotes, values
 *   in single or double quotes, numbers, comparisons
 */
import { MlflowError } from "../refuse.ts";

/** A piece of a filter and where it begins. */
export type Token =
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
export type Quote = "" | "`" | '"';

/** Longest filter: a list of a thousand run ids has some 36,000 letters. */
const lettersMost = 100_000;

/**
 * Reads a filter's tokens.
 *
 * @throws {MlflowError} for what is no token
 */
export function readTokens(text: string): Token[] {
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
export function invalidFilter(why: string): MlflowError {
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
