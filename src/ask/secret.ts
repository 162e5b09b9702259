/**
 * @file A key that can be sent and cannot be shown.
 */

/** Prints as `***`, whoever prints it; only `reveal` gives what it holds. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value, for a header alone. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }
}

/** Shortest value that is looked for in texts: taking out every single letter would leave nothing to read. */
const lengthLeast = 4;

/** A text of somebody else's, one line and short, without the key, whatever the somebody put into it. */
export function shownText(text: string, key: Secret | null, lengthMost = 300): string {
  const value = key?.reveal() ?? "";
  const hidden =
    value.length < lengthLeast
      ? text
      : [value, encodeURIComponent(value), Buffer.from(value).toString("base64")].reduce(
          (rest, form) => rest.replaceAll(form, "***"),
          text,
        );
  // Control characters would move a terminal's cursor, and line breaks would fake lines of ours.
  const line = hidden.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return line.length > lengthMost ? `${line.slice(0, lengthMost)}...` : line;
}
