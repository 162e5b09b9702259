/** @file Tokenizes texts, or pairs of texts, to rows that fit an encoder. */
import type { Tokenizer } from "../tokenize/index.ts";
import type { TokenRows } from "./encoder.ts";

/** Ids of one text or pair including special tokens, and how many of them belong to the first text. */
export interface TokenRow {
  readonly ids: readonly number[];
  readonly first: number;
}

/** Builds input rows. */
export interface RowWriter {
  /** A single text, truncated at the end. */
  single(text: string): TokenRow;
  /** A question and a passage; the passage is truncated first, then the question. */
  pair(question: string, passage: string): TokenRow;
  /** Batches rows, padded to the longest. */
  rows(chosen: readonly TokenRow[]): TokenRows;
}

/**
 * Creates a row writer.
 *
 * @param max tokens of a row, including special tokens
 * @param isDoubled whether the separator after the first text is doubled, as in RoBERTa
 * @source huggingface/tokenizers tokenizers/src/processors/{bert,roberta}.rs
 */
export function rowWriter(tokenizer: Tokenizer, max: number, isDoubled: boolean): RowWriter {
  const { before, after } = specialIds(tokenizer);
  const bare = (text: string): number[] => tokenizer.encode(text, { addSpecialTokens: false });
  const filler = tokenizer.padId ?? 0;
  return {
    single: (text) => {
      const own = bare(text).slice(0, Math.max(0, max - before.length - after.length));
      const ids = [...before, ...own, ...after];
      return ids.length > 0 ? { ids, first: ids.length } : { ids: [filler], first: 1 };
    },
    pair: (question, passage) => {
      const between = isDoubled ? [...after, ...after] : after;
      const room = Math.max(0, max - before.length - between.length - after.length);
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

/** Special tokens that a tokenizer adds around a text, determined from a text with one token. */
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
