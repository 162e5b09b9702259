/** @file Collects headings and blocks, in text order, into sections. */
import { MAX_BLOCKS, MAX_HEADING_LENGTH, MAX_HEADINGS } from "../limits.ts";
import type { SourceLocation } from "../passages/passage.ts";
import type { Block, Note, Reading, Section } from "./source-document.ts";

interface Heading {
  readonly level: number;
  readonly text: string;
}

/** Thrown if a document exceeds a limit; `readDocument` keeps what was collected. */
export class OutlineFull extends Error {
  readonly outline: Outline;

  constructor(outline: Outline) {
    super("a document has too many blocks");
    this.outline = outline;
  }
}

/** Sections under construction. */
export class Outline {
  readonly #sections: { headings: string[]; place: SourceLocation; blocks: Block[] }[] = [];
  #path: readonly Heading[] = [];
  #blocks = 0;
  /** Whether the current section may take blocks. */
  #isOpen = false;

  /**
   * Adds a heading. Later blocks are below it, until a heading of the same or a higher level (a lower number).
   *
   * @throws {OutlineFull} if there are too many
   */
  heading(level: number, text: string, place: SourceLocation): void {
    const words = oneLine(text).slice(0, MAX_HEADING_LENGTH);
    if (words === "") return;
    const above = this.#path.filter((heading) => heading.level < level).slice(0, MAX_HEADINGS - 1);
    this.#path = [...above, { level, text: words }];
    this.#open(place);
  }

  /**
   * Adds a block of text; a blank one is skipped.
   *
   * @throws {OutlineFull} if there are too many
   */
  block(kind: Block["kind"], text: string, place: SourceLocation): void {
    if (text.trim() === "") return;
    if (!this.#isOpen) this.#open(place);
    this.#count();
    this.#sections.at(-1)?.blocks.push({ kind, text: kind === "code" ? text : text.trim(), place });
  }

  /** Adds a record below its own title, if it has one. */
  record(title: string, text: string, place: SourceLocation): void {
    const words = oneLine(title).slice(0, MAX_HEADING_LENGTH);
    const path = words === "" ? [] : [{ level: 1, text: words }];
    if (path.length > 0 || this.#path.length > 0) this.#isOpen = false;
    this.#path = path;
    this.block("record", text === "" ? words : text, place);
  }

  /** The collected sections. */
  finish(notes: readonly Note[] = []): Reading {
    return { sections: this.#sections satisfies Section[], notes };
  }

  #open(place: SourceLocation): void {
    this.#count();
    this.#sections.push({ headings: this.#path.map(({ text }) => text), place, blocks: [] });
    this.#isOpen = true;
  }

  #count(): void {
    this.#blocks++;
    if (this.#blocks > MAX_BLOCKS) throw new OutlineFull(this);
  }
}

/** Collapses white space into single spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
