/**
 * @file Text to token ids: added tokens, normalizer, pieces, model; and where in the ids a place of the text is.
 */
import { type AddedToken, addedTokenFinder } from "./added-tokens.ts";
import type { PieceModel } from "./bpe.ts";
import type { PieceSplitter } from "./pieces.ts";

/** The ids of a text and the first of them that reaches behind a given place. */
export interface PlacedIds {
  readonly ids: number[];
  /** Index of the first token that covers text at or behind the place; the number of ids if none does. */
  readonly index: number;
}

/** A text encoder without the tokens that a post-processor adds. */
export interface Encoder {
  encode(text: string): number[];
  /** @param at UTF-16 position in the text */
  encodeAt(text: string, at: number): PlacedIds;
}

/** The compiled parts of `tokenizer.json`. */
export interface EncoderParts {
  readonly added: readonly AddedToken[];
  readonly normalize: (text: string) => string;
  readonly splitter: PieceSplitter;
  readonly model: PieceModel;
}

/** Sections up to this length are remembered whole: templates repeat them in every row. */
const MAX_CACHED_SECTION = 4_096;
const MAX_CACHED_UNITS = 8 * 2 ** 20;

/** Joins the parts to an encoder. */
export function createEncoder({ added, normalize, splitter, model }: EncoderParts): Encoder {
  const findRaw = addedTokenFinder(added.filter(({ normalized }) => !normalized));
  const findNormalized = addedTokenFinder(
    added.filter(({ normalized }) => normalized),
    normalize,
  );
  const remembered = new Map<string, readonly number[]>();
  let rememberedUnits = 0;

  function encodeSection(text: string, isStart: boolean): readonly number[] {
    const key = isStart ? `^${text}` : `.${text}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const ids = normalizedIds(normalize(text), isStart);
    if (text.length <= MAX_CACHED_SECTION) {
      rememberedUnits += text.length + ids.length;
      if (rememberedUnits > MAX_CACHED_UNITS) {
        remembered.clear();
        rememberedUnits = text.length + ids.length;
      }
      remembered.set(key, ids);
    }
    return ids;
  }

  function normalizedIds(text: string, isStart: boolean): number[] {
    const ids: number[] = [];
    for (const { from, to, id } of findNormalized(text)) {
      if (id >= 0) ids.push(id);
      else
        for (const piece of splitter.split(text.slice(from, to), isStart && from === 0))
          push(ids, model.encode(piece));
    }
    return ids;
  }

  /** Index of the first token of a plain section that reaches behind `at`, a place strictly inside it. */
  function indexInSection(section: string, isStart: boolean, at: number, ids: readonly number[]): number {
    const whole = normalize(section);
    const place = commonLength(whole, normalize(section.slice(0, at)));
    let count = 0;
    for (const { from, to, id } of findNormalized(whole)) {
      if (to <= place) {
        count += id >= 0 ? 1 : tokensOf(whole.slice(from, to), isStart && from === 0);
        continue;
      }
      if (id >= 0) return count;
      const inside = indexInPieces(whole.slice(from, to), isStart && from === 0, place - from);
      return inside === null
        ? sharedPrefix(ids, encodeSection(section.slice(0, at), isStart))
        : count + inside;
    }
    return count;
  }

  function tokensOf(text: string, isStart: boolean): number {
    return splitter.split(text, isStart).reduce((sum, piece) => sum + model.encode(piece).length, 0);
  }

  /** The same within text that holds no added token, or `null` where pieces do not tell their places. */
  function indexInPieces(text: string, isStart: boolean, place: number): number | null {
    const pieces = splitter.split(text, isStart);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    // Pieces as long as the text, or longer by one prefixed space: positions carry over.
    const shift = length - text.length;
    if (shift !== 0 && shift !== 1) return null;
    const target = place === 0 ? 0 : place + shift;
    let at = 0;
    let count = 0;
    for (const piece of pieces) {
      if (at + piece.length <= target) {
        count += model.encode(piece).length;
        at += piece.length;
        continue;
      }
      if (at >= target) return count;
      const ends = model.ends(piece);
      if (ends === null) return null;
      return count + ends.filter((end) => at + end <= target).length;
    }
    return count;
  }

  function encodeAt(text: string, at: number): PlacedIds {
    const ids: number[] = [];
    let index = -1;
    for (const { from, to, id } of findRaw(text)) {
      const section = id >= 0 ? null : text.slice(from, to);
      const own = section === null ? [id] : encodeSection(section, from === 0);
      if (index < 0 && at < to) {
        const inside =
          section !== null && at > from ? indexInSection(section, from === 0, at - from, own) : 0;
        index = ids.length + inside;
      }
      push(ids, own);
    }
    return { ids, index: index < 0 ? ids.length : index };
  }

  return { encode: (text) => encodeAt(text, text.length).ids, encodeAt };
}

function push(ids: number[], more: readonly number[]): void {
  for (const id of more) ids.push(id);
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
