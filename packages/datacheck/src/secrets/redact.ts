/**
 * @file Replaces matches of a scan by placeholders. Equal values get equal placeholders.
 *
 * A placeholder is `<EMAIL_48213>`: letters, digits and `_` in angle brackets. It contains no quote and no backslash,
 * so JSON stays valid and strings in code stay closed. People and models read it as a gap, and no rule matches it. A
 * bare number in JSON or after `=` is replaced by a quoted placeholder, since `x = <CARD_1>` would not parse.
 *
 * The number depends on the seed and the value, not on the order of appearance. So splits, files and runs agree in any
 * order, and an added row changes no other. It has five digits, so that someone with the seed cannot recover a phone
 * number by trying all of them: about 100,000 phone numbers fit each placeholder.
 */
import { mix32 } from "@tunewise/core/math";
import type { Kind, SecretMatch } from "./rule.ts";
import { scanText } from "./scan.ts";

/** Redacts a text, and counts the replaced values. */
export type Redact = (text: string) => { readonly text: string; readonly replaced: number };

/** Range of placeholder numbers. If two values get the same number, the second takes the next free one. */
const numbers = 100_000;

/** Max rounds per text. A replacement may reveal matches next to it; texts need one or two rounds. */
const maxRounds = 8;

/** Max matches per round. */
const maxMatches = 1_000_000;

/**
 * Creates a function that redacts the texts of one data set.
 *
 * @param seed the same seed gives the same placeholders
 * @param alsoWeak whether to redact values of secrets' names that are too weak to be reported, as in displayed texts
 * @param isWanted which matches to redact; default: all
 * @example
 * const redact = redactor(1);
 * const { text, replaced } = redact("call +43 664 88347291");
 */
export function redactor(
  seed: number,
  alsoWeak = false,
  isWanted: (match: SecretMatch) => boolean = () => true,
): Redact {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  const placeholderFor = (kind: Kind, value: string): string => {
    const key = `${kind} ${value}`;
    const known = given.get(key);
    if (known !== undefined) return known;
    let number = numberOf(key, seed);
    while (taken.has(`<${kind}_${number}>`) && taken.size < numbers) number = (number + 1) % numbers;
    const placeholder = `<${kind}_${number}>`;
    given.set(key, placeholder);
    taken.add(placeholder);
    return placeholder;
  };
  return (text) => {
    let now = text;
    let replaced = 0;
    for (let round = 0; round < maxRounds; round++) {
      const once = replaceOnce(now, scanText(now, maxMatches, alsoWeak).filter(isWanted), placeholderFor);
      if (once.replaced === 0) break;
      now = once.text;
      replaced += once.replaced;
    }
    return { text: now, replaced };
  };
}

/** Copies a JSON value with redacted strings. Keys and other values are unchanged. */
export function redactFields(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value).text;
  if (Array.isArray(value)) return value.map((item) => redactFields(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactFields(item, redact)]));
}

function replaceOnce(
  text: string,
  matches: readonly SecretMatch[],
  placeholderFor: (kind: Kind, value: string) => string,
): ReturnType<Redact> {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, kind } of matches) {
    const value = text.slice(start, end);
    const placeholder = placeholderFor(kind, canonical[kind](value));
    const isBare = /^\d+$/.test(value) && isBareNumber(text, start, end);
    pieces.push(text.slice(at, start), isBare ? `"${placeholder}"` : placeholder);
    at = end;
  }
  pieces.push(text.slice(at));
  return { text: pieces.join(""), replaced: matches.length };
}

/** The canonical form of a value of each kind: a card number with and without spaces is the same. */
const canonical: Readonly<Record<Kind, (value: string) => string>> = {
  API_KEY: asWritten,
  PASSWORD: asWritten,
  PRIVATE_KEY: asWritten,
  WEBHOOK: lettersAndDigits,
  EMAIL: (value) => value.toLowerCase(),
  PHONE: lettersAndDigits,
  IP: lettersAndDigits,
  CARD: lettersAndDigits,
  IBAN: lettersAndDigits,
  NATIONAL_ID: lettersAndDigits,
  BIRTH_DATE: lettersAndDigits,
  ADDRESS: (value) => value.toLowerCase(),
};

function asWritten(value: string): string {
  return value;
}

function lettersAndDigits(value: string): string {
  return value.replace(/[^0-9A-Za-z]/g, "");
}

/**
 * Whether a number is unquoted in JSON or code: after a quoted name and `:`, `=`, `[` or a comma, and before a closing
 * character.
 */
function isBareNumber(text: string, start: number, end: number): boolean {
  const before = /(?:["']\s{0,2}:|=|\[|,)\s{0,4}$/.exec(text.slice(Math.max(0, start - 8), start));
  return before !== null && /^\s{0,4}(?:[,\]};\n]|$)/.test(text.slice(end, end + 5));
}

/**
 * Derives a number from a text and a seed.
 *
 * @source Fowler, Noll and Vo, FNV-1a in 32 bits, with the finalizer of MurmurHash3
 */
function numberOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (mix32(hash) >>> 0) % numbers;
}
