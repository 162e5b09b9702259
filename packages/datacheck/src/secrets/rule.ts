/** @file Rules as data: how a kind of secret is written. */
import type { Severity } from "../problem/index.ts";
import { type Format, type Run, readFormat } from "./format.ts";

/** The name of a kind in placeholders. */
export type Kind =
  | "API_KEY"
  | "PASSWORD"
  | "PRIVATE_KEY"
  | "WEBHOOK"
  | "EMAIL"
  | "PHONE"
  | "IP"
  | "CARD"
  | "IBAN"
  | "NATIONAL_ID"
  | "BIRTH_DATE"
  | "ADDRESS";

/** Part of a text: from `start` up to but not including `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Properties common to all rules. */
interface Described {
  /** Kebab-case, vendor first. */
  readonly id: string;
  /** Display name: "GitHub personal access token". */
  readonly title: string;
  readonly kind: Kind;
  readonly severity: Severity;
  /** A catch-all of a family, with lower precedence than any other rule on the same value. */
  readonly broad?: true;
  /** Its values are hidden in displayed texts, and not reported. */
  readonly weak?: true;
  /** Whether the value verifies itself (a checksum, a header that decodes). A value that fails is not a match. */
  readonly accepts?: (value: string) => boolean;
  /** Whether the value's own checksum is correct. A value that fails is only a warning, since formats change. */
  readonly checksum?: (value: string) => boolean;
  /** Min entropy in bits per character of the value's runs. */
  readonly entropy: number;
  /**
   * Handwritten cases that must be found, in fragments so that no file contains a token. Samples of the format are
   * added.
   */
  readonly cases?: () => readonly string[];
  /** Handwritten cases that no rule may match. */
  readonly lookAlikes?: () => readonly string[];
}

/** A token recognized by its format: a literal at its start or right after its first run. */
export interface TokenRule extends Described {
  readonly form: "token";
  readonly format: Format;
}

/** A value of a plain format, recognized by a vendor's word in the name it is assigned to. */
export interface AssignedRule extends Described {
  readonly form: "assigned";
  /** Lower case. */
  readonly words: readonly string[];
  readonly format: Format;
}

/** A secret with its own grammar. */
interface ReaderRule extends Described {
  readonly form: "reader";
  /** Lower case. */
  readonly words: readonly string[];
  /** The secret around a keyword, or `null`. Reads a bounded number of characters. */
  readonly read: (text: string, keyword: Span) => Span | null;
}

/** A rule of any form. */
export type SecretRule = TokenRule | AssignedRule | ReaderRule;

/** Options of a rule beyond its format. */
export type TokenOptions = Partial<Omit<Described, "id" | "title">>;

/** Hexadecimal text has at most 4 bits per character, digits 3.3; other alphabets have more. */
function minEntropy(format: Format): number {
  const runs = format.filter((piece) => typeof piece !== "string");
  const rich = runs.some(({ alphabet }) => !/hex|digit/i.test(alphabet));
  const length = runs.reduce((sum, { min }) => sum + min, 0);
  if (length < 12) return 1.5;
  return rich ? (length < 20 ? 2.6 : 3) : 2.4;
}

const certain = { kind: "API_KEY", severity: "error" } as const;

/** A rule for a token recognized by its format alone, in the notation of `readFormat`. */
export function token(id: string, title: string, written: string, options: TokenOptions = {}): TokenRule {
  const format = readFormat(written);
  return { form: "token", id, title, format, entropy: minEntropy(format), ...certain, ...options };
}

/** A rule for a value of a plain format. Its name must contain one of the words (`a|b`) and a word such as "key". */
export function assigned(
  id: string,
  title: string,
  words: string,
  written: string,
  options: TokenOptions = {},
): AssignedRule {
  const format = readFormat(written);
  const entropy = minEntropy(format);
  return { form: "assigned", id, title, words: words.split("|"), format, entropy, ...certain, ...options };
}

/** A rule for a secret with its own grammar. */
export function reader(
  id: string,
  title: string,
  words: readonly string[],
  read: ReaderRule["read"],
  options: TokenOptions = {},
): ReaderRule {
  return { form: "reader", id, title, words, read, entropy: 0, ...certain, ...options };
}

/** The literal by which the prefilter finds a token, and what precedes it: a number of characters or one run. */
export interface Anchor {
  readonly literal: string;
  readonly before: number | Run;
}

/** The longest literal at a fixed position in the token, otherwise the one after a first run of variable length. */
export function anchorOf(format: Format): Anchor {
  const [head, second] = format;
  if (typeof head === "string") return { literal: head, before: 0 };
  let best: Anchor = { literal: typeof second === "string" ? second : "", before: head as Run };
  let length = 0;
  for (const piece of format) {
    if (typeof piece === "string") {
      if (piece.length > best.literal.length || typeof best.before !== "number")
        best = { literal: piece, before: length };
      length += piece.length;
    } else if (piece.min === piece.max) length += piece.max;
    else break;
  }
  return best;
}

/** The lower-case words by which the prefilter finds a rule's candidates. */
export function keywordsOf(rule: SecretRule): readonly string[] {
  return rule.form === "token" ? [anchorOf(rule.format).literal.toLowerCase()] : rule.words;
}

/** The part of a rule's values that may be shown: up to four characters common to all of them. */
export function shownPrefix(rule: SecretRule): string {
  const head = rule.form === "token" ? rule.format[0] : undefined;
  return typeof head === "string" ? head.slice(0, 4) : "";
}

/** A secret or personal data in a text. The value is `text.slice(start, end)` and not stored in the match. */
export interface SecretMatch {
  /** Id of the rule. */
  readonly rule: string;
  /** Display name of the rule. */
  readonly title: string;
  readonly kind: Kind;
  /** Personal data rather than a secret. */
  readonly personal: boolean;
  readonly start: number;
  readonly end: number;
  readonly severity: Severity;
  /** The masked value for display. */
  readonly masked: string;
}

/** A match that may overlap with others. The lower rank takes precedence. */
export interface Found extends SecretMatch {
  readonly rank: number;
}
