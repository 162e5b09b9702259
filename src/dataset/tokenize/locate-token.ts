/** @file Finds the token at a text offset within a section, by the lengths of pieces and tokens. */
import type { Section } from "./added-tokens.ts";
import type { PieceModel } from "./bpe.ts";
import type { PreTokenizer } from "./pre-tokenizer.ts";

/** Parts of an encoder that the search needs. */
export interface LocatorParts {
  readonly normalize: (text: string) => string;
  readonly preTokenizer: PreTokenizer;
  readonly model: PieceModel;
  /** Added tokens in normalized text. */
  readonly findNormalized: (text: string) => Section[];
  readonly encodeSection: (text: string, isStart: boolean) => readonly number[];
}

/**
 * Returns the index of the first token of a section that extends beyond an offset strictly inside it.
 *
 * Normalization may change lengths, so the offset is mapped to the common prefix of the normalized section and the
 * normalized text before the offset. If pieces do not reveal their offsets (text between them was removed), the ids
 * shared with the encoded text before the offset are counted instead.
 */
export type TokenLocator = (section: string, isStart: boolean, at: number, ids: readonly number[]) => number;

/** Creates the search for an encoder. */
export function tokenLocator(parts: LocatorParts): TokenLocator {
  const { normalize, findNormalized, encodeSection } = parts;
  return (section, isStart, at, ids) => {
    const normalized = normalize(section);
    const offset = commonLength(normalized, normalize(section.slice(0, at)));
    let count = 0;
    for (const { from, to, id } of findNormalized(normalized)) {
      const text = normalized.slice(from, to);
      const starts = isStart && from === 0;
      if (to <= offset) {
        count += id >= 0 ? 1 : countTokens(text, starts, parts);
        continue;
      }
      if (id >= 0) return count;
      const inside = indexInPieces(text, starts, offset - from, parts);
      return inside === null
        ? sharedPrefix(ids, encodeSection(section.slice(0, at), isStart))
        : count + inside;
    }
    return count;
  };
}

function countTokens(text: string, isStart: boolean, { preTokenizer, model }: LocatorParts): number {
  return preTokenizer.split(text, isStart).reduce((sum, piece) => sum + model.encode(piece).length, 0);
}

/** The same within text without added tokens, or `null` if pieces do not reveal their offsets. */
function indexInPieces(
  text: string,
  isStart: boolean,
  offset: number,
  { preTokenizer, model }: LocatorParts,
): number | null {
  const pieces = preTokenizer.split(text, isStart);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  // If the pieces are as long as the text, or longer by one prefixed space, offsets carry over.
  const shift = length - text.length;
  if (shift !== 0 && shift !== 1) return null;
  const target = offset === 0 ? 0 : offset + shift;
  let at = 0;
  let count = 0;
  for (const piece of pieces) {
    if (at >= target) return count;
    if (at + piece.length <= target) {
      count += model.encode(piece).length;
      at += piece.length;
      continue;
    }
    const ends = model.ends(piece);
    if (ends === null) return null;
    const start = at;
    return count + ends.filter((end) => start + end <= target).length;
  }
  return count;
}

/** Length of the common prefix in UTF-16 units, without splitting a surrogate pair. */
function commonLength(a: string, b: string): number {
  const max = Math.min(a.length, b.length);
  let length = 0;
  while (length < max && a[length] === b[length]) length++;
  const unit = a.charCodeAt(length);
  return length > 0 && unit >= 0xdc00 && unit <= 0xdfff ? length - 1 : length;
}

function sharedPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++;
  return length;
}
