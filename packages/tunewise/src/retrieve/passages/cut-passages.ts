/** @file Splits a document into passages along its structure (chunking). */
import type { Block, Section, SourceDocument } from "../documents/source-document.ts";
import { countWords } from "../terms/words.ts";
import { type CutRules, defaultCut, type Passage } from "./passage.ts";

/**
 * Splits a document into passages, in document order.
 *
 * A passage never crosses a heading. Paragraphs, list items, table rows and code stay complete if they fit; longer
 * ones are split between sentences (code: lines), and between words only if a sentence is too long. A record is one
 * passage, whatever its length. A heading without content is a passage of its own.
 */
export function cutPassages(document: SourceDocument, rules: CutRules = defaultCut): Passage[] {
  return document.sections.flatMap((section, at) => {
    const next = document.sections[at + 1];
    if (section.blocks.length === 0) return leadsTo(section, next) ? [] : [headingAlone(document, section)];
    const title = titleOf(section.headings);
    return texts(section.blocks, rules).map(({ text, first }) => ({
      document: document.name,
      title,
      place: first.place,
      text,
    }));
  });
}

function titleOf(headings: readonly string[]): string {
  return headings.join(" > ");
}

/** Whether the next section is below this section's heading, so that its passages include the heading. */
function leadsTo({ headings }: Section, next: Section | undefined): boolean {
  return next !== undefined && headings.every((heading, at) => next.headings[at] === heading);
}

function headingAlone({ name }: SourceDocument, { headings, place }: Section): Passage {
  return { document: name, title: titleOf(headings.slice(0, -1)), place, text: headings.at(-1) ?? "" };
}

interface CutText {
  readonly text: string;
  /** The first block that is not in an earlier passage. */
  readonly first: Block;
}

/** Fills passages in order; the last pieces of one begin the next, as far as the overlap allows. */
function texts(blocks: readonly Block[], rules: CutRules): CutText[] {
  const cut: CutText[] = [];
  let held: Piece[] = [];
  let fresh = 0;
  const flush = (): void => {
    const first = held[held.length - fresh];
    if (first !== undefined && fresh > 0) cut.push({ text: joined(held), first: first.block });
    held = fresh > 0 ? carried(held, rules.overlap) : held;
    fresh = 0;
  };
  for (const block of blocks) {
    if (block.kind === "record") {
      flush();
      held = [];
      cut.push({ text: block.text, first: block });
      continue;
    }
    for (const piece of piecesOf(block, rules)) {
      if (wordsIn(held) + piece.words > rules.words) flush();
      if (wordsIn(held) + piece.words > rules.words) held = [];
      held.push(piece);
      fresh++;
    }
  }
  flush();
  return cut;
}

function wordsIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { words }) => sum + words, 0);
}

function joined(pieces: readonly Piece[]): string {
  return pieces.reduce((text, piece, at) => {
    const before = pieces[at - 1];
    return before === undefined ? piece.text : text + seam(before, piece) + piece.text;
  }, "");
}

/** The last pieces of running text with at most this many words. */
function carried(pieces: readonly Piece[], words: number): Piece[] {
  let from = pieces.length;
  let sum = 0;
  for (let at = pieces.length - 1; at >= 0; at--) {
    const piece = pieces[at] as Piece;
    sum += piece.words;
    if (sum > words || piece.block.kind === "code" || piece.block.kind === "row") break;
    from = at;
  }
  return pieces.slice(from);
}

/** A block, or a part of one that is too long for a passage. */
interface Piece {
  readonly text: string;
  readonly words: number;
  readonly block: Block;
}

/** Splits after sentence-ending punctuation; in scripts without spaces, no white space is required. */
const sentenceEnd = /(?<=[.!?…:;]["'”’»)\]]{0,3})\s+|(?<=[。！？；])|\n+/u;

/** Splits a block into itself, its sentences, or runs of its words. */
function piecesOf(block: Block, rules: CutRules): Piece[] {
  const words = countWords(block.text);
  if (words <= rules.words) return [{ text: block.text, words, block }];
  const parts = block.text.split(block.kind === "code" ? "\n" : sentenceEnd);
  return parts.flatMap((text) => {
    const size = countWords(text);
    const fitting = size <= rules.words ? [text] : runsOfWords(text, rules);
    return fitting
      .filter((one) => one.trim() !== "")
      .map((one) => ({ text: one, words: countWords(one), block }));
  });
}

/** The separator between two pieces. */
function seam(before: Piece, after: Piece): string {
  if (before.block === after.block) return before.block.kind === "code" ? "\n" : " ";
  const isList = before.block.kind === after.block.kind && before.block.kind !== "text";
  return isList && before.block.kind !== "code" ? "\n" : "\n\n";
}

/**
 * Splits a sentence that is too long for a passage into runs as long as the overlap, so that some of them can be
 * repeated.
 */
function runsOfWords(text: string, rules: CutRules): string[] {
  const most = rules.overlap > 0 ? rules.overlap : rules.words;
  const runs: string[] = [];
  let held: string[] = [];
  let size = 0;
  const flush = (): void => {
    if (held.length > 0) runs.push(held.join(" "));
    held = [];
    size = 0;
  };
  for (const word of text.split(/\s+/)) {
    for (const part of fitting(word, most)) {
      const words = countWords(part);
      if (size + words > most) flush();
      held.push(part);
      size += words;
    }
  }
  flush();
  return runs;
}

/** Splits text without spaces that counts as many words, after a fixed number of character pairs. */
function fitting(word: string, most: number): string[] {
  if (countWords(word) <= most) return [word];
  const characters = [...word];
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += 2 * most)
    parts.push(characters.slice(at, at + 2 * most).join(""));
  return parts;
}
