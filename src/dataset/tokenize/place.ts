/**
 * @file Where in the tokens of a section a place of its text is, told by lengths of pieces and tokens.
 */
import type { Section } from "./added-tokens.ts";
import type { PieceModel } from "./bpe.ts";
import type { PieceSplitter } from "./pieces.ts";

/** What the search needs of an encoder. */
export interface PlaceParts {
  readonly normalize: (text: string) => string;
  readonly splitter: PieceSplitter;
  readonly model: PieceModel;
  /** Added tokens in normalized text. */
  readonly findNormalized: (text: string) => Section[];
  readonly encodeSection: (text: string, isStart: boolean) => readonly number[];
}

/**
 * Gives the index of the first token of a section that reaches behind a place strictly inside it.
 *
 * Normalizing may change lengths, so the place is looked up as what the text before it shares with the whole
 * once both are normalized. Where pieces do not tell their places (text was removed between them), the ids
 * that the text before the place shares with the whole are counted instead.
 */
export type PlaceFinder = (section: string, isStart: boolean, at: number, ids: readonly number[]) => number;

/** Makes the search for an encoder's parts. */
export function placeFinder(parts: PlaceParts): PlaceFinder {
  const { normalize, findNormalized, encodeSection } = parts;
  return (section, isStart, at, ids) => {
    const whole = normalize(section);
    const place = commonLength(whole, normalize(section.slice(0, at)));
    let count = 0;
    for (const { from, to, id } of findNormalized(whole)) {
      const text = whole.slice(from, to);
      const starts = isStart && from === 0;
      if (to <= place) {
        count += id >= 0 ? 1 : countTokens(text, starts, parts);
        continue;
      }
      if (id >= 0) return count;
      const inside = indexInPieces(text, starts, place - from, parts);
      return inside === null
        ? sharedPrefix(ids, encodeSection(section.slice(0, at), isStart))
        : count + inside;
    }
    return count;
  };
}

function countTokens(text: string, isStart: boolean, { splitter, model }: PlaceParts): number {
  return splitter.split(text, isStart).reduce((sum, piece) => sum + model.encode(piece).length, 0);
}

/** The same within text that holds no added token, or `null` where pieces do not tell their places. */
function indexInPieces(
  text: string,
  isStart: boolean,
  place: number,
  { splitter, model }: PlaceParts,
): number | null {
  const pieces = splitter.split(text, isStart);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  // Pieces as long as the text, or longer by one prefixed space: positions carry over.
  const shift = length - text.length;
  if (shift !== 0 && shift !== 1) return null;
  const target = place === 0 ? 0 : place + shift;
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

/** How many UTF-16 units two texts share at the start, no surrogate pair cut. */
function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  const unit = a.charCodeAt(length);
  return length > 0 && unit >= 0xdc00 && unit <= 0xdfff ? length - 1 : length;
}

function sharedPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++;
  return length;
}
