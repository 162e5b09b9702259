/**
 * @file Text to token ids: added tokens, normalizer, pre-tokenizer, model; with caches, and the token at a text offset.
 */
import { type AddedToken, addedTokenFinder } from "./added-tokens.ts";
import type { PieceModel } from "./bpe.ts";
import { tokenLocator } from "./locate-token.ts";
import { type PreTokenizer, toByteCharacters } from "./pre-tokenizer.ts";

/** Ids of a text, and the first of them at or after a given offset. */
export interface LocatedIds {
  readonly ids: number[];
  /** Index of the first token that covers text at or after the offset; the number of ids if there is none. */
  readonly index: number;
}

/** A text encoder without post-processor. */
export interface Encoder {
  encode(text: string): number[];
  /** @param at UTF-16 offset in the text */
  encodeAt(text: string, at: number): LocatedIds;
}

/** The compiled parts of `tokenizer.json`. */
export interface EncoderParts {
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
