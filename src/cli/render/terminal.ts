/**
 * @file The one door to the terminal: whatever a command prints passes it. Stored text may hold sequences that write
 * to the clipboard, rename the window or hide lines; they come out as visible characters.
 */
import { plain } from "./place.ts";
import { width, wrap } from "./table.ts";

/** What `paint` puts around words: bold, dim and colors, each on or off. @source ECMA-48, 8.3.117 (SGR) */
const escapeCode = "\u001b";
const colors = new RegExp(`(${escapeCode}\\[(?:1|2|22|31|32|33|36|39)m)`);

/** Text of one or more lines in which our own colors, line ends and tabs are the only control characters. */
export function harmlessText(text: string): string {
  return text
    .split(colors)
    .map((part, at) => (at % 2 === 1 ? part : part.replace(/[^\n\t]+/g, plain)))
    .join("");
}

/** JSON of the same value in which no character is one that a terminal acts on. */
export function harmlessJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A command that is to be copied, or cells that stand below each other: neither may be broken. */
const unbreakable = /(?:^|\s)(?:tunewise|npm|npx|node|curl|export) |\S {2,}\S/;

/** Sentences that are wider than a terminal broken between words; a terminal by itself breaks inside them. */
export function fitted(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (width(line) <= columns || unbreakable.test(line)) return [line];
      const indent = " ".repeat(line.search(/\S/));
      return wrap(line.trimStart(), columns - indent.length).map((part) => indent + part);
    })
    .join("\n");
}
