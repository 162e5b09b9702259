/** @file Code that stands in a text, with the place of each of its lines. */
import type { LanguageName } from "./language.ts";

/** A line of a text, or the rest of it behind marks that are no part of it; without its line break. */
export interface Piece {
  /** Lines of the whole text before it. */
  readonly line: number;
  /** Offset in the whole text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** Code in a text. */
export interface Snippet {
  /** `undefined`: another language than those that are scanned, or nobody knows which. */
  readonly language: LanguageName | undefined;
  readonly code: string;
  /** Where its first character stands in the whole text, in UTF-16 units. */
  readonly start: number;
  /** Lines of the whole text before its first. */
  readonly line: number;
  /** One for each line of the code. */
  readonly pieces: readonly Piece[];
  /** Lines of the whole text that are new where the code is a change to a file; absent: all. */
  readonly added?: ReadonlySet<number>;
}

/** The lines of a text. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; ; ) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    pieces.push({ line: pieces.length, start, end });
    if (found < 0) return pieces;
    start = found + 1;
  }
}

/** The beginning of a line, as much as is needed to judge it. */
export function headOf(text: string, { start, end }: Piece): string {
  return text.slice(start, Math.min(end, start + headMost));
}
const headMost = 300;

/** The lines put together. */
export function codeOf(text: string, pieces: readonly Piece[]): string {
  return pieces.map(({ start, end }) => text.slice(start, end)).join("\n");
}

/** Code of these lines; `undefined` where they hold nothing but space. */
export function snippetFrom(
  text: string,
  pieces: readonly Piece[],
  language: (code: string) => LanguageName | undefined,
  added?: ReadonlySet<number>,
): Snippet | undefined {
  const [first] = pieces;
  if (first === undefined) return undefined;
  const code = codeOf(text, pieces);
  if (code.trim() === "") return undefined;
  const { start, line } = first;
  return { language: language(code), code, start, line, pieces, ...(added === undefined ? {} : { added }) };
}
