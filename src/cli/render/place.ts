/** @file A place in a file as text: `file:line:column`, the line, and a caret below the character meant. */
import { type Place, placeText } from "../../problem/index.ts";
import type { Paint } from "./paint.ts";

/** Longest piece of a line that is shown; the caret stays in view. */
const WINDOW = 100;

/** `tunewise.yaml:14:7`, as far as it is known. */
export function placeName(place: Place): string {
  return plain(placeText(place));
}

/** The line with its number and the caret below, or nothing where the place has no text. */
export function caretLines({ line, column, text }: Place, paint: Paint): string[] {
  if (line === undefined || text === undefined || text.trim() === "") return [];
  const characters = [...plain(text)];
  const at = column === undefined ? undefined : [...text.slice(0, column - 1)].length;
  const start = at === undefined || at < WINDOW - 20 ? 0 : at - WINDOW / 2;
  const shown = characters.slice(start, start + WINDOW).join("");
  const lead = start > 0 ? "…" : "";
  const trail = characters.length > start + WINDOW ? "…" : "";
  const number = String(line);
  const first = `${paint.dim(`${number} |`)} ${lead}${shown}${trail}`;
  if (at === undefined) return [first];
  const indent = " ".repeat(lead.length + at - start);
  return [first, `${paint.dim(`${" ".repeat(number.length)} |`)} ${indent}^`];
}

/** Text of a file made harmless for a terminal: each control character becomes one visible or blank character. */
export function plain(text: string): string {
  return text.replace(/\t/g, " ").replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, "·");
}

/** The same for text of several lines, such as an answer: line ends and tabs stay. */
export function plainLines(text: string): string {
  return text.replace(/[^\n\t]/gu, plain);
}
