/**
 * @file Replaces what a scan finds, the same value by the same placeholder.
 *
 * A placeholder is `<EMAIL_48213>`: letters, digits and `_` in angle brackets. It keeps JSON valid and strings of code
 * closed, since it holds no quote and no backslash; it reads as a gap to people and models; and no rule takes it for a
 * value. Where a bare number stood in JSON or after `=`, it is put in quotes, since `x = <CARD_1>` would not parse.
 *
 * The number comes from the seed and the value, not from the order of appearance: so splits, files and runs agree
 * whatever is read first, and a row added leaves all others as they were. It has five digits, so that it does not give
 * a telephone number away to whoever tries all of them with the seed: some 100,000 fit each placeholder.
 */
import { mix32 } from "@tunewise/core/math";
import type { Kind } from "./rule.ts";
import { scanText } from "./scan.ts";

/** Replaces what a text must not contain, and counts the values that were replaced. */
export type Redact = (text: string) => { readonly text: string; readonly replaced: number };

/** Numbers that a placeholder may have; values that meet at one are told apart by taking the next free. */
const numbers = 100_000;

/** After a replacement its neighbors may be seen that it hid; texts need one or two rounds. */
const mostRounds = 8;

/** Matches taken in one round. */
const mostMatches = 1_000_000;

/**
 * A function that redacts texts of one data set.
 *
 * @param seed the same seed gives the same placeholders
 * @param alsoWeak whether values of secrets' names go that are too weak to be reported; for texts that are shown
 * @example
 * const redact = redactor(1);
 * const { text, replaced } = redact("call +43 664 88347291");
 */
export function redactor(seed: number, alsoWeak = false): Redact {
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
    for (let round = 0; round < mostRounds; round++) {
      const once = replaceOnce(now, alsoWeak, placeholderFor);
      if (once.replaced === 0) break;
      now = once.text;
      replaced += once.replaced;
    }
    return { text: now, replaced };
  };
}

/** Copies a JSON value with redacted strings; keys and everything else stay. */
export function redactFields(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value).text;
  if (Array.isArray(value)) return value.map((item) => redactFields(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactFields(item, redact)]));
}

function replaceOnce(
  text: string,
  alsoWeak: boolean,
  placeholderFor: (kind: Kind, value: string) => string,
): ReturnType<Redact> {
  const matches = scanText(text, mostMatches, alsoWeak);
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, kind } of matches) {
    const value = text.slice(start, end);
    const placeholder = placeholderFor(kind, canonical(kind, value));
    const isBare = /^\d+$/.test(value) && isBareNumber(text, start, end);
    pieces.push(text.slice(at, start), isBare ? `"${placeholder}"` : placeholder);
    at = end;
  }
  pieces.push(text.slice(at));
  return { text: pieces.join(""), replaced: matches.length };
}

/** One way of writing a value: a card number with and without spaces is the same. */
function canonical(kind: Kind, value: string): string {
  if (kind === "EMAIL" || kind === "ADDRESS") return value.toLowerCase();
  return kind === "API_KEY" || kind === "PASSWORD" || kind === "PRIVATE_KEY"
    ? value
    : value.replace(/[^0-9A-Za-z]/g, "");
}

/** A number as JSON and code write one: after a quoted name and `:`, or `=`, `[`, a comma; before what closes it. */
function isBareNumber(text: string, start: number, end: number): boolean {
  const before = /(?:["']\s{0,2}:|=|\[|,)\s{0,4}$/.exec(text.slice(Math.max(0, start - 8), start));
  return before !== null && /^\s{0,4}(?:[,\]};\n]|$)/.test(text.slice(end, end + 5));
}

/**
 * A number from a text and a seed.
 *
 * @source Fowler, Noll and Vo, FNV-1a in 32 bits, with the finalizer of MurmurHash3
 */
function numberOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (mix32(hash) >>> 0) % numbers;
}
