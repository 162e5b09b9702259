/** @file Text that arrives in pieces, for parsers that wait inside a generator until they can go on. */
import { atomsOf } from "./atoms.ts";
import { MAX_DEPTH, type Quotes } from "./value.ts";

/** Work that yields whenever it needs more text. */
export type Waiting<Result> = Generator<void, Result, void>;

/** Max. white space in place of white space of the syntax. */
const MAX_SPACE = 1_000;
/** Max. characters of an opening quote. */
const MAX_QUOTE = 64;

/** A call that does not follow the syntax; the message completes a sentence about it. */
export class MalformedCall extends Error {}

/** The result of a comparison with a fixed text: the offset behind it, or why there is none. */
export type Match = number | "different" | "cut";

/** The text that is not parsed yet, and what was taken since a mark. */
export class TextSource {
  text = "";
  isEnded = false;
  /** Characters taken since the beginning. */
  offset = 0;
  private taken: string[] = [];

  /** Waits for more text; `false` at the end. */
  *more(): Waiting<boolean> {
    const { length } = this.text;
    while (this.text.length === length && !this.isEnded) yield;
    return this.text.length > length;
  }

  /** Takes characters from the beginning. */
  take(count: number): string {
    const piece = this.text.slice(0, count);
    this.text = this.text.slice(count);
    this.taken.push(piece);
    this.offset += piece.length;
    return piece;
  }

  /** Forgets what was taken. */
  mark(): void {
    this.taken = [];
  }

  /** What was taken since the mark. */
  sinceMark(): string {
    return this.taken.join("");
  }

  /** Takes white space and returns the character behind it, or "" at the end. */
  *next(): Waiting<string> {
    while (true) {
      let at = 0;
      while (at < this.text.length && isSpace(this.text[at])) at++;
      if (at > 0) this.take(at);
      if (this.text !== "" || !(yield* this.more())) return this.text[0] ?? "";
    }
  }

  /**
   * Compares the text at an offset with atoms of the syntax. White space in the syntax stands for any, and it may also
   * be before any atom.
   */
  *match(atoms: readonly string[], from = 0): Waiting<Match> {
    let at = from;
    for (const atom of atoms) {
      at = yield* this.behindSpace(at);
      if (atom.trim() === "") continue;
      while (this.text.length < at + atom.length) {
        if (!atom.startsWith(this.text.slice(at))) return "different";
        if (!(yield* this.more())) return "cut";
      }
      if (!this.text.startsWith(atom, at)) return "different";
      at += atom.length;
    }
    return at;
  }

  /**
   * Takes a fixed text of the syntax.
   *
   * @throws {MalformedCall}
   */
  *require(text: string): Waiting<void> {
    const end = yield* this.match(atomsOf(text));
    if (typeof end !== "number") throw new MalformedCall(`lacks ${JSON.stringify(text.trim().slice(0, 60))}`);
    this.take(end);
  }

  private *behindSpace(from: number): Waiting<number> {
    let at = from;
    while (at - from < MAX_SPACE) {
      if (at >= this.text.length && !(yield* this.more())) return at;
      if (!isSpace(this.text[at])) return at;
      at++;
    }
    return at;
  }

  /**
   * Takes a value of JSON or Python: a text, a list or object, or what stands before `,`, a bracket or white space.
   * Only brackets and quotes are checked.
   *
   * @param onPiece receives the pieces as they arrive
   * @throws {MalformedCall}
   */
  *value(quotes: readonly Quotes[], onPiece: (piece: string) => void = () => {}): Waiting<string> {
    const scan = new ValueScan(quotes);
    const pieces: string[] = [];
    while (true) {
      const end = scan.advance(this.text);
      if (end > 0) {
        pieces.push(this.take(end));
        onPiece(pieces.at(-1) ?? "");
      }
      if (scan.isComplete) return pieces.join("");
      if (yield* this.more()) continue;
      if (scan.isBare && this.text === "") return pieces.join("");
      throw new MalformedCall("ends inside its arguments");
    }
  }

  /** Takes the text up to a fixed text, which is not taken, in pieces as it arrives. */
  *until(end: string, onPiece: (piece: string) => void): Waiting<boolean> {
    while (true) {
      const at = this.text.indexOf(end);
      const safe = at >= 0 ? at : this.text.length - pendingLength(this.text, end);
      if (safe > 0) onPiece(this.take(safe));
      if (at >= 0) return true;
      if (!(yield* this.more())) return false;
    }
  }
}

/** Length of the longest end of a text with which a later occurrence of `of` could begin. */
export function pendingLength(text: string, of: string): number {
  for (let length = Math.min(of.length - 1, text.length); length > 0; length--) {
    if (of.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}

/** Finds the end of a value, character by character. */
class ValueScan {
  isComplete = false;
  /** Whether the value has neither quotes nor brackets, so that the text may end behind it. */
  isBare = false;
  private readonly quotes: readonly Quotes[];
  private depth = 0;
  private inside: Quotes | null = null;
  private isEscaped = false;

  constructor(quotes: readonly Quotes[]) {
    this.quotes = quotes;
  }

  /** Returns how many characters belong to the value; the rest is needed again with more text. */
  advance(text: string): number {
    let at = 0;
    while (at < text.length && !this.isComplete) {
      const length = this.step(text, at);
      if (length === 0) break;
      at += length;
    }
    return at;
  }

  /** Returns how many characters were passed; 0 if the value ends before them or more text is needed. */
  private step(text: string, at: number): number {
    const one = text[at] as string;
    if (this.inside !== null) return this.stepInside(this.inside, text, at);
    if (this.isBare) {
      this.isComplete = /[\s,\]})<]/.test(one);
      return this.isComplete ? 0 : 1;
    }
    const rest = text.slice(at, at + MAX_QUOTE);
    const quotes = this.quotes.find(({ open }) => open !== "" && rest.startsWith(open));
    if (quotes !== undefined) {
      this.inside = quotes;
      return quotes.open.length;
    }
    if (this.quotes.some(({ open }) => open.length > rest.length && open.startsWith(rest))) return 0;
    if (one === "[" || one === "{") {
      if (++this.depth > MAX_DEPTH) throw new MalformedCall(`is nested more than ${MAX_DEPTH} levels deep`);
    } else if (one === "]" || one === "}") this.isComplete = --this.depth <= 0;
    else if (this.depth === 0) this.isBare = true;
    return 1;
  }

  private stepInside({ close, hasEscapes }: Quotes, text: string, at: number): number {
    if (this.isEscaped || (hasEscapes && text[at] === "\\")) {
      this.isEscaped = !this.isEscaped;
      return 1;
    }
    if (text.startsWith(close, at)) {
      this.inside = null;
      this.isComplete = this.depth === 0;
      return close.length;
    }
    return close.startsWith(text.slice(at, at + close.length)) ? 0 : 1;
  }
}
