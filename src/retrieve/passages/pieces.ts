/**
 * @file The smallest parts of blocks that passages are put together from.
 */
import type { Block } from "../documents/source-document.ts";
import { countWords } from "../terms/words.ts";
import type { CutRules } from "./cut-rules.ts";

/** A block, or a part of one that is too long for a passage. */
export interface Piece {
  readonly text: string;
  readonly words: number;
  readonly block: Block;
}

/** Behind marks that end a sentence; in scripts without spaces right behind them. */
const sentenceEnd = /(?<=[.!?…:;]["'”’»)\]]{0,3})\s+|(?<=[。！？；])|\n+/u;

/** A block whole, or its sentences, or runs of its words. */
export function piecesOf(block: Block, rules: CutRules): Piece[] {
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

/** What stands between two pieces. */
export function seam(before: Piece, after: Piece): string {
  if (before.block === after.block) return before.block.kind === "code" ? "\n" : " ";
  const isList = before.block.kind === after.block.kind && before.block.kind !== "text";
  return isList && before.block.kind !== "code" ? "\n" : "\n\n";
}

/** A sentence too long for a passage: runs as long as the overlap, so that some of them can be repeated. */
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

/** Text without spaces that counts as many words is cut after so many pairs of characters. */
function fitting(word: string, most: number): string[] {
  if (countWords(word) <= most) return [word];
  const characters = [...word];
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += 2 * most)
    parts.push(characters.slice(at, at + 2 * most).join(""));
  return parts;
}
