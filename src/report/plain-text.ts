/**
 * @file Text of runs made safe to look at: what cannot be seen is shown, what is endless is cut.
 */

/** Control characters, and those that turn the direction of text or hide in it. */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * Shows characters that cannot be seen by their number, as `\u{202e}`: a text must not look like another one.
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

/** The text, or its beginning and how much was left out. */
export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const rest = text.length - charactersMax;
  return `${text.slice(0, charactersMax)} ... (${rest} more characters)`;
}
