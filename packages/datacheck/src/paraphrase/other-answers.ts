/** @file Whether two rows demonstrably ask different things, however similar their wording. */
import { normalizeText } from "../dataset/index.ts";
import { numbersIn, numbersShared } from "./numbers.ts";

/** Max characters of a text that are read. */
const maxRead = 16_384;

/** Programming languages by the words that name them. The same task in another language has another answer. */
const languages: Readonly<Record<string, RegExp>> = {
  bash: /\b(?:bash|shell script)\b/i,
  c: /\b(?:in|using|a|an) C\b(?![+#])|\bC (?:code|program|function|language)\b/,
  cpp: /\bC\+\+/i,
  csharp: /\bC#|\bC sharp\b/i,
  go: /\bgolang\b|\b(?:in|using) Go\b|\bGo (?:code|program|function)\b/,
  java: /\bjava\b/i,
  javascript: /\b(?:javascript|node\.?js)\b/i,
  kotlin: /\bkotlin\b/i,
  perl: /\bperl\b/i,
  php: /\bphp\b/i,
  python: /\bpython\b/i,
  r: /\b(?:in|using) R\b|\bR (?:code|script|program|function)\b/,
  ruby: /\bruby\b/i,
  rust: /\brust\b/i,
  sql: /\b(?:my)?sql\b/i,
  swift: /\bswift\b/i,
  typescript: /\btypescript\b/i,
};

/** A row's question and answer. */
interface Asked {
  readonly prompt: string;
  readonly answer: string;
}

/** Whether two rows ask for different things, judging by their answers or by the requested programming languages. */
export function askOtherwise(one: Asked, other: Asked): boolean {
  if (areOtherAnswers(one.answer, other.answer) || areInOtherLanguages(one.prompt, other.prompt)) return true;
  return haveOtherNumbers(one.prompt, other.prompt);
}

/** Paraphrases of a problem keep most of its numbers. */
const [fewestNumbers, leastKept] = [2, 0.34];

function haveOtherNumbers(one: string, other: string): boolean {
  if (numbersShared(one, other) >= leastKept) return false;
  return Math.min(numbersIn(one).size, numbersIn(other).size) >= fewestNumbers;
}

/** Whether both texts name programming languages, but none in common. */
export function areInOtherLanguages(one: string, other: string): boolean {
  const [mine, theirs] = [languagesIn(one), languagesIn(other)];
  return mine.length > 0 && theirs.length > 0 && !mine.some((name) => theirs.includes(name));
}

function languagesIn(text: string): string[] {
  const read = text.slice(0, maxRead);
  return Object.entries(languages).flatMap(([name, words]) => (words.test(read) ? [name] : []));
}

/** Max length of an answer that exists in one form only, in characters: a label, a number, a name, a date. */
const shortAnswer = 60;
/** Min words of a template, and max share of them that is filled in. */
const [minWords, maxFilled] = [5, 0.25];

/**
 * Whether two answers differ and are short, or share a template with other values, such as a query for another state. A
 * paraphrased question does not change its answer in that way. Long answers in other words prove nothing.
 */
export function areOtherAnswers(one: string, other: string): boolean {
  if (one.trim() === other.trim()) return false;
  if (Math.max(one.length, other.length) <= shortAnswer) return normalizeText(one) !== normalizeText(other);
  const [mine, theirs] = [one, other].map((text) => text.slice(0, maxRead).match(/[\p{L}\p{N}_]+/gu) ?? []);
  if (mine === undefined || mine.length < minWords || mine.length !== theirs?.length) return false;
  const filled = mine.filter((word, at) => word.toLowerCase() !== theirs[at]?.toLowerCase()).length;
  return filled > 0 && filled <= maxFilled * mine.length;
}
