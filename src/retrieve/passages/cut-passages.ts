/**
 * @file Cuts a document into passages along its structure.
 */
import type { Block, Section, SourceDocument } from "../documents/source-document.ts";
import { type CutRules, usualCut } from "./cut-rules.ts";
import type { Passage } from "./passage.ts";
import { type Piece, piecesOf, seam } from "./pieces.ts";

/**
 * The passages of a document, in its order.
 *
 * None reaches over a heading. Paragraphs, list items, rows of tables and code stay whole where one fits; a longer one
 * is cut between sentences (code: lines), and between words only where a sentence is too long. A record is one passage,
 * however long. A heading with nothing below it is a passage of its own.
 */
export function cutPassages(document: SourceDocument, rules: CutRules = usualCut): Passage[] {
  return document.sections.flatMap((section, at) => {
    const next = document.sections[at + 1];
    if (section.blocks.length === 0) return leadsTo(section, next) ? [] : [headingAlone(document, section)];
    const title = titleOf(section.headings);
    return texts(section.blocks, rules).map(({ text, first }) => ({
      ...{ document: document.name, title, place: first.place, text },
    }));
  });
}

function titleOf(headings: readonly string[]): string {
  return headings.join(" > ");
}

/** Whether the next section stands below this one's heading, which its passages then name. */
function leadsTo({ headings }: Section, next: Section | undefined): boolean {
  return next !== undefined && headings.every((heading, at) => next.headings[at] === heading);
}

function headingAlone({ name }: SourceDocument, { headings, place }: Section): Passage {
  return { document: name, title: titleOf(headings.slice(0, -1)), place, text: headings.at(-1) ?? "" };
}

interface CutText {
  readonly text: string;
  /** The first block that is in no passage before. */
  readonly first: Block;
}

/** Fills passage after passage; the last pieces of one begin the next, as far as the overlap allows. */
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

/** The last pieces of running text that have no more words than that. */
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
