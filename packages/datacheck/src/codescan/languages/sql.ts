/**
 * @file SQL without a grammar. Each word that rules ask for becomes a call, except in comments and strings. Values are
 * not traced.
 */
import { anyOf, type Language } from "../engine/language.ts";
import type { Expr, Statement } from "../engine/syntax.ts";
import type { Tree } from "../engine/tree.ts";

const never = { test: (): boolean => false };

/** All SQL dialects. */
export const sql: Language = {
  name: "sql",
  lower: lowerSql,
  sources: [],
  cleaners: {},
  renames: {},
  passes: new Set(),
  keeps: new Set(),
  asks: new Set(),
  fills: new Set(),
  ends: new Set(),
  checks: never,
  resolves: new Set(),
  answers: never,
  request: never,
  trusted: never,
  plainTypes: anyOf(),
  self: "!self",
};

/** Words that start a statement or clause of interest to rules. */
const asked = new Set(
  (
    "declare execute exec immediate sp_executesql prepare open set grant create alter " +
    "identified xp_cmdshell md5 sha1 sha " +
    "password old_password hashbytes des_encrypt encode dbms_obfuscation_toolkit algorithm rand random trustworthy " +
    "sp_configure outfile dumpfile program security execute_immediate select return encryptbypassphrase sp_oacreate"
  ).split(" "),
);

/** Tokens; the first matching alternative wins. Bounded, since strings in queries are short. */
const token =
  /--[^\n]*|\/\*|'|"|`[^`\n]{0,200}`|\$(\w{0,40})\$|[A-Za-z_@#][\w@#$]{0,127}|;|[^\sA-Za-z_@#'"`;$/-]|[/$-]/g;

/** Max length of a statement that is read; statements end at a semicolon. */
const maxStatement = 4000;
/** Max words: a longer script is a data dump. */
const maxWords = 20_000;

/**
 * Lowers each word to a call named by it, in lower case. The call has two texts, both from the word to the end of the
 * statement and with blanked comments: the first has empty strings, the second has the original ones.
 */
function lowerSql({ text }: Tree): Statement[] {
  const { bare, whole, words, ends } = read(text);
  let next = 0;
  return words.map(({ start, end, name }): Statement => {
    while (next < ends.length && (ends[next] ?? 0) < end) next += 1;
    const last = Math.min(ends[next] ?? text.length, start + maxStatement);
    const given = [bare.slice(start, last), whole.slice(start, last)];
    const args = given.map((one) => ({ value: { kind: "text", pieces: [one], start, end } as Expr }));
    const callee: Expr = { kind: "name", name, start, end };
    return { kind: "do", value: { kind: "call", callee, args, start, end }, start, end };
  });
}

interface Word {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

interface Read {
  readonly bare: string;
  readonly whole: string;
  readonly words: readonly Word[];
  /** Where statements end. */
  readonly ends: readonly number[];
}

function read(text: string): Read {
  const bare: string[] = [];
  const whole: string[] = [];
  const words: Word[] = [];
  const ends: number[] = [];
  let from = 0;
  const copy = (to: number): void => {
    bare.push(text.slice(from, to));
    whole.push(text.slice(from, to));
    from = to;
  };
  const blank = (to: number, inWhole: string): void => {
    bare.push(" ".repeat(to - from));
    whole.push(inWhole);
    from = to;
  };
  token.lastIndex = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [piece] = found;
    const start = found.index;
    const end = start + piece.length;
    if (piece.startsWith("--") || piece === "/*") {
      copy(start);
      const close = piece === "/*" ? text.indexOf("*/", end) : end - 2;
      const to = close < 0 ? text.length : close + 2;
      blank(to, " ".repeat(to - start));
      token.lastIndex = to;
    } else if (piece === "'" || piece === '"') {
      const to = textEnd(text, end, piece);
      copy(end);
      if (to > end) blank(to, text.slice(end, to));
      token.lastIndex = Math.min(text.length, to + 1);
    } else if (piece === ";") ends.push(start);
    else if (words.length < maxWords && asked.has(piece.toLowerCase()))
      words.push({ name: piece.toLowerCase(), start, end });
  }
  copy(text.length);
  return { bare: bare.join(""), whole: whole.join(""), words, ends };
}

/** The end of a string. A doubled quote is an escaped quote. */
function textEnd(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2)) {
    if (text[at + 1] !== quote) return at;
  }
  return text.length;
}
