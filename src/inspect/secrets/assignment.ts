/** @file Names and what is assigned to them, in whatever language: code, JSON, YAML, headers, flags, prose. */
import { alphabetBits, bitOf } from "./alphabet.ts";
import type { Span } from "./rule.ts";

/** A value and how it came to its name. */
export interface Assigned extends Span {
  /** The name in lower case: at most 40 characters before the keyword and 40 after. */
  readonly name: string;
  readonly quoted: boolean;
  /** No space on either side, as in `.env` files and addresses. */
  readonly tight: boolean;
}

const longestName = 40;
const longestQuoted = 512;
const longestBare = 180;
const nameBits = bitOf("dotted");
const closers = "\"'`]*\\)";
const quotes = "\"'`";
/** 1 for characters that end a value without quotes: spaces, control characters, and what closes around it. */
const stops = new Uint8Array(128).fill(1, 0, 33);
for (const one of ",;)}]>\"'`&<|") stops[one.charCodeAt(0)] = 1;

/** What a name around a keyword is assigned, or `null`. Looks at some 700 characters at most. */
export function assignedValue(text: string, keyword: Span): Assigned | null {
  const nameEnd = endOfName(text, keyword.end);
  let at = nameEnd;
  for (let i = 0; i < 4 && at < text.length && closers.includes(text[at] ?? ""); i++) at++;
  const afterName = at;
  at = skipSpaces(text, at);
  const afterOperator = skipOperator(text, at, nameEnd, afterName);
  if (afterOperator === -1) return null;
  const start = skipOpening(text, skipSpaces(text, afterOperator));
  const before = text[start - 1] ?? "";
  const quoted = quotes.includes(before) && before !== "";
  const end = quoted ? endOfQuoted(text, start, before) : endOfBare(text, start);
  if (end === -1 || end === start) return null;
  const tight = start === afterOperator && at === nameEnd;
  return {
    start,
    end,
    quoted,
    tight,
    name: text.slice(startOfName(text, keyword.start), nameEnd).toLowerCase(),
  };
}

function startOfName(text: string, at: number): number {
  let start = at;
  while (at - start < longestName && (alphabetBits(text.charCodeAt(start - 1)) & nameBits) !== 0) start--;
  return start;
}

/** A name goes on over single spaces, for prose such as "api key of the shop: ..."; an "is" ends it. */
function endOfName(text: string, at: number): number {
  let end = at;
  while (end - at < longestName) {
    const code = text.charCodeAt(end);
    if ((alphabetBits(code) & nameBits) !== 0) end++;
    else if (code === 32 && (alphabetBits(text.charCodeAt(end + 1)) & nameBits) !== 0) {
      if (saysIs(text, end) || text[end + 1] === "-") return end;
      end++;
    } else break;
  }
  return end;
}

function saysIs(text: string, at: number): boolean {
  return text.startsWith(" is ", at) || text.startsWith(" is: ", at);
}

function skipSpaces(text: string, at: number): number {
  let end = at;
  while (end - at < 6 && (text[end] === " " || text[end] === "\t")) end++;
  return end;
}

/** Past `=`, `:`, `:=`, `=>`, `==`, `->`, `is`, a comma between arguments or a tag's `>`; -1 where nothing assigns. */
function skipOperator(text: string, at: number, nameEnd: number, afterName: number): number {
  const one = text[at];
  if (one === "=" || one === ":") {
    let end = at;
    while (end - at < 3 && "=:>".includes(text[end] ?? " ")) end++;
    return one === ":" ? skipType(text, end) : end;
  }
  if (text.startsWith("->", at)) return at + 2;
  if (one === ">" || (one === "," && afterName > nameEnd)) return at + 1;
  if (text.startsWith("is ", at)) return at + 3;
  return text.startsWith("is: ", at) ? at + 4 : -1;
}

/** Past a type between a name and its value: `key: string = `. */
function skipType(text: string, at: number): number {
  const typed = /^ ?[A-Za-z&][\w.<>]{0,24} ?= ?(?=["'`])/.exec(text.slice(at, at + 32));
  return typed === null ? at : at + typed[0].length;
}

/** Past what may come before a value: a quote, maybe escaped or with a letter before, and a scheme of HTTP. */
function skipOpening(text: string, at: number): number {
  const opening = /^(?:[brfuBRFU@L]{0,2}\\?["'`]|\\?["'`])?(?:(?:Bearer|Basic|Token|token|bearer|ApiKey) )?/;
  const [opened = ""] = opening.exec(text.slice(at, at + 16)) ?? [];
  return at + opened.length;
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let end = start; end - start <= longestQuoted && end < text.length; end++) {
    const one = text[end];
    if (one === "\n" || one === "\r") return -1;
    if (one === quote) return text[end - 1] === "\\" ? end - 1 : end;
  }
  return -1;
}

function endOfBare(text: string, start: number): number {
  let end = start;
  while (end - start <= longestBare && end < text.length) {
    if (stops[text.charCodeAt(end)] === 1) break;
    end++;
  }
  if (end - start > longestBare) return -1;
  while (end > start && ".:!?\\".includes(text[end - 1] ?? "")) end--; // the sentence's own marks
  return end;
}
