/**
 * @file Text to token ids: added tokens, normalizer, pre-tokenizer, model; with caches, and the token at a text offset.
 */
import { type AddedToken, addedTokenFinder, type Section } from "./added-tokens.ts";
import type { PieceModel } from "./bpe.ts";
import { type PreTokenizer, toByteCharacters } from "./pre-tokenizer.ts";

/** Ids of a text, and the first of them at or after a given offset. */
interface LocatedIds {
  readonly ids: number[];
  /** Index of the first token that covers text at or after the offset; the number of ids if there is none. */
  readonly index: number;
}

/** A text encoder without post-processor. */
interface Encoder {
  encode(text: string): number[];
  /** @param at UTF-16 offset in the text */
  encodeAt(text: string, at: number): LocatedIds;
}

/** The compiled parts of `tokenizer.json`. */
interface EncoderParts {
  readonly added: readonly AddedToken[];
  readonly normalize: (text: string) => string;
  readonly preTokenizer: PreTokenizer;
  readonly model: PieceModel;
}

/** Max. length of cached sections, which templates repeat in every row. */
const MAX_CACHED_SECTION = 4_096;
const MAX_CACHED_UNITS = 8 * 2 ** 20;

/** Creates an encoder from its parts. */
export function createEncoder({ added, normalize, preTokenizer, model }: EncoderParts): Encoder {
  const findRaw = addedTokenFinder(added.filter(({ normalized }) => !normalized));
  const findNormalized = addedTokenFinder(
    added.filter(({ normalized }) => normalized),
    normalize,
  );
  const locate = tokenLocator({ normalize, preTokenizer, model, findNormalized, encodeSection });
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
        for (const piece of preTokenizer.split(text.slice(from, to), isStart && from === 0))
          push(ids, model.encode(piece));
    }
    return ids;
  }

  function encodeAt(text: string, at: number): LocatedIds {
    const ids: number[] = [];
    let index = -1;
    for (const { from, to, id } of findRaw(text)) {
      const section = id >= 0 ? null : text.slice(from, to);
      const own = section === null ? [id] : encodeSection(section, from === 0);
      if (index < 0 && at < to) {
        const inside = section !== null && at > from ? locate(section, from === 0, at - from, own) : 0;
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

const MAX_CACHED_PIECES = 65_536;
const MAX_CACHED_LENGTH = 256;

/** Adds a cache of short pieces, and byte-level spelling if needed. `ends` is not cached since few pieces need it. */
export function cachedModel(model: PieceModel, byteLevel: boolean): PieceModel {
  const cache = new Map<string, readonly number[]>();
  return {
    vocabulary: model.vocabulary,
    encode(piece): readonly number[] {
      const known = cache.get(piece);
      if (known !== undefined) return known;
      const ids = model.encode(byteLevel ? toByteCharacters(piece) : piece);
      if (piece.length <= MAX_CACHED_LENGTH) {
        if (cache.size >= MAX_CACHED_PIECES) cache.clear();
        cache.set(piece, ids);
      }
      return ids;
    },
    ends(piece): readonly number[] | null {
      if (!byteLevel) return model.ends(piece);
      const ends = model.ends(toByteCharacters(piece));
      return ends === null ? null : unitsOfBytes(piece, ends);
    },
  };
}

/** Converts UTF-8 offsets in a piece to UTF-16 offsets; one inside a character becomes the character's end. */
function unitsOfBytes(piece: string, bytes: readonly number[]): number[] {
  let unit = 0;
  let reached = 0;
  return bytes.map((byte) => {
    while (reached < byte) {
      const point = piece.codePointAt(unit) ?? 0;
      reached += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      unit += point < 0x10000 ? 1 : 2;
    }
    return unit;
  });
}

/** Parts of an encoder that the search needs. */
interface LocatorParts {
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
type TokenLocator = (section: string, isStart: boolean, at: number, ids: readonly number[]) => number;

/** Creates the search for an encoder. */
function tokenLocator(parts: LocatorParts): TokenLocator {
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
