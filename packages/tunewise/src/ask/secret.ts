/** @file A key that can be sent, cannot be shown, and is taken out of whatever an endpoint says. */

/** Prints as `***`, whoever prints it; only `reveal` gives what it holds. */
export class Secret {
  readonly #value: string;
  #pattern: RegExp | null = null;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value, for a header alone. */
  reveal(): string {
    return this.#value;
  }

  /**
   * A text with `***` in place of the value: as it is, in whichever case, broken over lines or by invisible characters,
   * escaped as in addresses and JSON, as Base64 (by itself or within something longer) or as hexadecimal digits.
   *
   * @param lengthLeast shorter values are not looked for: taking out every single letter would leave nothing to read
   */
  hideIn(text: string, lengthLeast: number): string {
    if (this.#value.length < lengthLeast) return text;
    this.#pattern ??= patternOf(this.#value);
    return text.replace(this.#pattern, "***");
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }
}

/** What may stand between two characters of a value that was broken up. */
const gap = "[\\s\\p{Cc}\\p{Cf}]{0,8}";

function patternOf(value: string): RegExp {
  const bytes = Buffer.from(value);
  const escaped = [...value].map((letter) => {
    const code = letter.charCodeAt(0).toString(16).padStart(2, "0");
    return `(?:${escapeExpression(letter)}|(?:%|\\\\x|\\\\u00)${code})`;
  });
  const encoded = [bytes.toString("hex"), ...[0, 1, 2].flatMap((before) => base64Within(bytes, before))];
  const escapedForms = [escaped, ...encoded.map((form) => [...form].map(escapeExpression))];
  return new RegExp(escapedForms.map((form) => form.join(gap)).join("|"), "giu");
}

/**
 * Base64 of a value behind so many other bytes, in both alphabets, without the ends that depend on what stands beside.
 *
 * @source RFC 4648, sections 4 and 5: three bytes are four characters of six bits each
 */
function base64Within(bytes: Buffer, before: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const [from, to] = [Math.ceil((8 * before) / 6), Math.floor((8 * whole.length) / 6)];
  return (["base64", "base64url"] as const).map((alphabet) => whole.toString(alphabet).slice(from, to));
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Shortest value that is looked for in complaints. */
const minComplaintLength = 4;
/** And in answers, which are data: local servers are given `EMPTY`, `ollama` or `none` for a key. */
const minAnswerLength = 8;

/** An answer, or the name of the model that gave it, without the key. */
export function withoutKey(text: string, key: Secret | null): string {
  return key?.hideIn(text, minAnswerLength) ?? text;
}

/** A text of somebody else's, one line and short, without the key, whatever the somebody put into it. */
export function shownText(text: string, key: Secret | null, lengthMost = 300): string {
  const hidden = key?.hideIn(text, minComplaintLength) ?? text;
  // Control characters would move a terminal's cursor, and line breaks would fake lines of ours.
  const line = hidden.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return line.length > lengthMost ? `${line.slice(0, lengthMost)}...` : line;
}
