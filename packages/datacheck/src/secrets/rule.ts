/** @file What a rule is: how a kind of secret is written, as data. */
import type { Severity } from "../problem/index.ts";
import { type Format, type Run, readFormat } from "./format.ts";

/** What a placeholder calls a value. */
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

/** What every rule says of itself. */
interface Described {
  /** Kebab-case, vendor first. */
  readonly id: string;
  /** For people: "GitHub personal access token". */
  readonly title: string;
  readonly kind: Kind;
  readonly severity: Severity;
  /** A family's catch-all: gives way to any other rule on the same value. */
  readonly broad?: true;
  /** Its values are hidden where texts are shown, and not reported. */
  readonly weak?: true;
  /** Whether the value proves itself (a checksum, a header that decodes); what fails is no find. */
  readonly accepts?: (value: string) => boolean;
  /** Whether the value's own checksum holds; what fails is a warning and no more, since formats change. */
  readonly checksum?: (value: string) => boolean;
  /** Least entropy in bits per character of the value's runs. */
  readonly entropy: number;
  /** Written by hand, to be found, from fragments so that no file holds a token; samples of the format come on top. */
  readonly cases?: () => readonly string[];
  /** Written by hand, not to be found by any rule. */
  readonly lookAlikes?: () => readonly string[];
}

/** A token known by what it is: a literal at its head, or right after its first run. */
export interface TokenRule extends Described {
  readonly form: "token";
  readonly format: Format;
}

/** A value of a plain format, known by the vendor's word in the name it is assigned to. */
export interface AssignedRule extends Described {
  readonly form: "assigned";
  /** Lower case. */
  readonly words: readonly string[];
  readonly format: Format;
}

/** A secret with a grammar of its own. */
interface ReaderRule extends Described {
  readonly form: "reader";
  /** Lower case. */
  readonly words: readonly string[];
  /** The secret part around a keyword, or `null`. Looks at a bounded number of characters. */
  readonly read: (text: string, keyword: Span) => Span | null;
}

/** Any of the three. */
export type SecretRule = TokenRule | AssignedRule | ReaderRule;

/** What a rule may say beyond its format. */
export type TokenOptions = Partial<Omit<Described, "id" | "title">>;

/** Hexadecimal text has at most 4 bits a character, digits 3.3; other alphabets more. */
function leastEntropy(format: Format): number {
  const runs = format.filter((piece) => typeof piece !== "string");
  const rich = runs.some(({ alphabet }) => !/hex|digit/i.test(alphabet));
  const length = runs.reduce((sum, { min }) => sum + min, 0);
  if (length < 12) return 1.5;
  return rich ? (length < 20 ? 2.6 : 3) : 2.4;
}

const certain = { kind: "API_KEY", severity: "error" } as const;

/** A token known by its format alone, as `readFormat` takes it. */
export function token(id: string, title: string, written: string, options: TokenOptions = {}): TokenRule {
  const format = readFormat(written);
  return { form: "token", id, title, format, entropy: leastEntropy(format), ...certain, ...options };
}

/** A value of a plain format, assigned to a name that holds one of the words (`a|b`) and a word of secrecy. */
export function assigned(
  id: string,
  title: string,
  words: string,
  written: string,
  options: TokenOptions = {},
): AssignedRule {
  const format = readFormat(written);
  const entropy = leastEntropy(format);
  return { form: "assigned", id, title, words: words.split("|"), format, entropy, ...certain, ...options };
}

/** A secret with a grammar of its own. */
export function reader(
  id: string,
  title: string,
  words: readonly string[],
  read: ReaderRule["read"],
  options: TokenOptions = {},
): ReaderRule {
  return { form: "reader", id, title, words, read, entropy: 0, ...certain, ...options };
}

/** The literal by which the prefilter finds a token, and what comes before it: so many characters, or one run. */
export interface Anchor {
  readonly literal: string;
  readonly before: number | Run;
}

/** The longest literal whose place in the token is fixed; else the one after a first run of any length. */
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

/** The words by which the prefilter finds a rule's places: lower case. */
export function keywordsOf(rule: SecretRule): readonly string[] {
  return rule.form === "token" ? [anchorOf(rule.format).literal.toLowerCase()] : rule.words;
}

/** What may be shown of a rule's values: up to four characters that every one of them begins with. */
export function shownPrefix(rule: SecretRule): string {
  const head = rule.form === "token" ? rule.format[0] : undefined;
  return typeof head === "string" ? head.slice(0, 4) : "";
}

/** A secret or a piece of personal data in a text: the value is `text.slice(start, end)`, and stands nowhere here. */
export interface SecretMatch {
  /** Id of the rule. */
  readonly rule: string;
  /** What it is, for people. */
  readonly title: string;
  readonly kind: Kind;
  /** Personal data rather than a secret. */
  readonly personal: boolean;
  readonly start: number;
  readonly end: number;
  readonly severity: Severity;
  /** What may be shown of the value. */
  readonly masked: string;
}

/** A match among others that it may have to give way to: the lower rank stays. */
export interface Found extends SecretMatch {
  readonly rank: number;
}
