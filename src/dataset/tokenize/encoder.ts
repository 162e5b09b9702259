/**
 * @file Text to token ids: added tokens, normalizer, pieces, model; and where in the ids a place of the text
 * is.
 */
import { type AddedToken, addedTokenFinder } from "./added-tokens.ts";
import type { PieceModel } from "./bpe.ts";
import type { PieceSplitter } from "./pieces.ts";
import { placeFinder } from "./place.ts";

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
  const findPlace = placeFinder({ normalize, splitter, model, findNormalized, encodeSection });
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

  function encodeAt(text: string, at: number): PlacedIds {
    const ids: number[] = [];
    let index = -1;
    for (const { from, to, id } of findRaw(text)) {
      const section = id >= 0 ? null : text.slice(from, to);
      const own = section === null ? [id] : encodeSection(section, from === 0);
      if (index < 0 && at < to) {
        const inside = section !== null && at > from ? findPlace(section, from === 0, at - from, own) : 0;
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
