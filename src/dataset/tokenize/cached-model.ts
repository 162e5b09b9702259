/**
 * @file A piece model that remembers what it has encoded, and spells pieces in byte letters where needed.
 */
import type { PieceModel } from "./bpe.ts";
import { byteLetters } from "./pieces.ts";

const MAX_CACHED_PIECES = 65_536;
const MAX_CACHED_LENGTH = 256;

/** The model with a cache of short pieces; `ends` is not cached, since few pieces need it. */
export function cachedModel(model: PieceModel, byteLevel: boolean): PieceModel {
  const cache = new Map<string, readonly number[]>();
  return {
    vocabulary: model.vocabulary,
    encode(piece): readonly number[] {
      const known = cache.get(piece);
      if (known !== undefined) return known;
      const ids = model.encode(byteLevel ? byteLetters(piece) : piece);
      if (piece.length <= MAX_CACHED_LENGTH) {
        if (cache.size >= MAX_CACHED_PIECES) cache.clear();
        cache.set(piece, ids);
      }
      return ids;
    },
    ends(piece): readonly number[] | null {
      if (!byteLevel) return model.ends(piece);
      const ends = model.ends(byteLetters(piece));
      return ends === null ? null : unitsOfBytes(piece, ends);
    },
  };
}

/**
 * Byte positions in the piece's UTF-8 form as UTF-16 positions; inside a character, where the character ends.
 */
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
