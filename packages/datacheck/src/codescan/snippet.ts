/** @file Code within a text, with the location of each of its lines. */
import type { LanguageName } from "./language.ts";

/** A line of a text without its line break, or the part of it after quote marks or prompts. */
export interface Piece {
  /** Number of lines before it in the whole text. */
  readonly line: number;
  /** Offset in the whole text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** A piece of code in a text. */
export interface Snippet {
  /** `undefined`: a language that is not scanned, or an unknown one. */
  readonly language: LanguageName | undefined;
  readonly code: string;
  /** Offset of the first character in the whole text, in UTF-16 units. */
  readonly start: number;
  /** Number of lines before it in the whole text. */
  readonly line: number;
  /** One per line of the code. */
  readonly pieces: readonly Piece[];
  /** For a diff: lines of the whole text that are new. Absent: all. */
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

/** The start of a line, long enough to classify it. */
export function headOf(text: string, { start, end }: Piece): string {
  return text.slice(start, Math.min(end, start + maxHead));
}
const maxHead = 300;

/** The code of the lines. */
export function codeOf(text: string, pieces: readonly Piece[]): string {
  return pieces.map(({ start, end }) => text.slice(start, end)).join("\n");
}

/** The code of these lines; `undefined` if they are blank. */
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
