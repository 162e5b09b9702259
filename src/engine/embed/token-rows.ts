/**
 * @file Texts, or pairs of texts, as rows of token ids that fit an encoder.
 */
import type { Tokenizer } from "../../dataset/index.ts";
import type { TokenRows } from "./encoder.ts";

/** Ids of one text or pair with the special ones, and how many belong to the first text. */
export interface TokenRow {
  readonly ids: readonly number[];
  readonly first: number;
}

/** What writes rows. */
export interface RowWriter {
  /** A text by itself; what is too long loses its end. */
  single(text: string): TokenRow;
  /** A question and a passage; the passage loses its end, and then the question its own. */
  pair(question: string, passage: string): TokenRow;
  /** Rows side by side, padded to the longest. */
  rows(chosen: readonly TokenRow[]): TokenRows;
}

/**
 * A writer of rows.
 *
 * @param most tokens of a row, special ones included
 * @param isDoubled RoBERTa's way: the end of the first text stands twice before the second
 * @source huggingface/tokenizers tokenizers/src/processors/{bert,roberta}.rs
 */
export function rowWriter(tokenizer: Tokenizer, most: number, isDoubled: boolean): RowWriter {
  const { before, after } = specialIds(tokenizer);
  const bare = (text: string): number[] => tokenizer.encode(text, { addSpecialTokens: false });
  const filler = tokenizer.padId ?? 0;
  return {
    single: (text) => {
      const own = bare(text).slice(0, Math.max(0, most - before.length - after.length));
      const ids = [...before, ...own, ...after];
      return ids.length > 0 ? { ids, first: ids.length } : { ids: [filler], first: 1 };
    },
    pair: (question, passage) => {
      const between = isDoubled ? [...after, ...after] : after;
      const room = Math.max(0, most - before.length - between.length - after.length);
      const asked = bare(question).slice(0, room);
      const found = bare(passage).slice(0, room - asked.length);
      const first = [...before, ...asked, ...between];
      return { ids: [...first, ...found, ...after], first: first.length };
    },
    rows: (chosen) => layOut(chosen, filler),
  };
}

function layOut(chosen: readonly TokenRow[], filler: number): TokenRows {
  const length = chosen.reduce((longest, { ids }) => Math.max(longest, ids.length), 1);
  const [ids, mask, types] = [0, 0, 0].map(() => new BigInt64Array(chosen.length * length)) as [
    ...[BigInt64Array<ArrayBuffer>, BigInt64Array<ArrayBuffer>, BigInt64Array<ArrayBuffer>],
  ];
  ids.fill(BigInt(filler));
  for (const [row, { ids: own, first }] of chosen.entries()) {
    for (const [at, id] of own.entries()) {
      ids[row * length + at] = BigInt(id);
      mask[row * length + at] = 1n;
      types[row * length + at] = at < first ? 0n : 1n;
    }
  }
  return { rows: chosen.length, length, ids, mask, types };
}

/** What a tokenizer puts around a text, seen on one that has a token. */
function specialIds(tokenizer: Tokenizer): { before: readonly number[]; after: readonly number[] } {
  const bare = tokenizer.encode("a", { addSpecialTokens: false });
  const whole = tokenizer.encode("a");
  const extra = whole.length - bare.length;
  for (let start = 0; start <= extra; start++) {
    if (bare.every((id, at) => whole[start + at] === id)) {
      return { before: whole.slice(0, start), after: whole.slice(start + bare.length) };
    }
  }
  return { before: [], after: [] };
}
