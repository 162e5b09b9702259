/** @file An API key that can be sent but not printed, and that is redacted from all texts of an endpoint. */

/** A value that always prints as `***`; only `reveal` returns it. */
export class Secret {
  readonly #value: string;
  #pattern: RegExp | null = null;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value; only for a request header. */
  reveal(): string {
    return this.#value;
  }

  /**
   * Replaces the value in a text with `***`. Also matches it in any case, broken by white space or invisible
   * characters, escaped as in URLs or JSON, and as Base64 (also inside a longer value) or hexadecimal digits.
   *
   * @param minLength shorter values are not replaced: a single letter would match everywhere
   */
  hideIn(text: string, minLength: number): string {
    if (this.#value.length < minLength) return text;
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

/** Pattern of what may separate two characters of a value that was broken up. */
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
 * Base64 of a value that follows `before` other bytes, in both alphabets, without the characters at either end that
 * depend on adjacent bytes.
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

/** Minimum length of a value that is redacted in complaints. */
const minComplaintLength = 4;
/** Minimum length in answers, which are data: local servers use keys such as `EMPTY`, `ollama` or `none`. */
const minAnswerLength = 8;

/** Redacts the key in an answer or in the name of the model that answered. */
export function withoutKey(text: string, key: Secret | null): string {
  return key?.hideIn(text, minAnswerLength) ?? text;
}

/** Makes an untrusted text safe to show: one short line without the key. */
export function shownText(text: string, key: Secret | null, maxLength = 300): string {
  const hidden = key?.hideIn(text, minComplaintLength) ?? text;
  // Control characters could move a terminal's cursor, and line breaks could imitate our own output.
  const line = hidden.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}...` : line;
}
