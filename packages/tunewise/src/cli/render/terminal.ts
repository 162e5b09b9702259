/**
 * @file Sanitizes all output of commands for the terminal. Stored text may contain escape sequences that write to the
 * clipboard, rename the window or hide lines; they are replaced by visible characters.
 */

/** Escape sequences of `paint`: bold, dim and colors, on and off. @source ECMA-48, 8.3.117 (SGR) */
const escapeCode = "\u001b";
const colors = new RegExp(`(${escapeCode}\\[(?:1|2|22|31|32|33|36|39)m)`);

/** Sanitizes text; keeps only colors of `paint`, line ends and tabs as control characters. */
export function harmlessText(text: string): string {
  return text
    .split(colors)
    .map((part, at) => (at % 2 === 1 ? part : part.replace(/[^\n\t]+/g, plain)))
    .join("");
}

/** Escapes terminal control characters in JSON, without changing its value. */
export function harmlessJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Sanitizes untrusted text: replaces each control character by one visible or blank character. */
export function plain(text: string): string {
  return text.replace(/\t/g, " ").replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, "·");
}

/** Sanitizes untrusted text of several lines, such as an answer; keeps line ends and tabs. */
export function plainLines(text: string): string {
  return text.replace(/[^\n\t]/gu, plain);
}
