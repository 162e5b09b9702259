/** @file Makes text of runs safe to display: invisible characters are shown, long texts are truncated. */

/** Control characters, bidirectional overrides, and invisible characters. */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is searched for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * Shows invisible characters by code point, such as `\u{202e}`, so that a text cannot be mistaken for another.
 *
 * @source Boucher and Anderson 2021, "Trojan Source", on characters that turn the direction of text
 */
export function visible(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(invisible, codeOf)
    .replace(/\p{Surrogate}/gu, codeOf);
}

function codeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The text, or its start and the number of omitted characters. */
export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const rest = text.length - charactersMax;
  return `${text.slice(0, charactersMax)} ... (${rest} more characters)`;
}
