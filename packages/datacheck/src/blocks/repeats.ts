/** @file The first stage on a cluster: rows with the same words in the same order go to one machine. */
import { mix32 } from "@tunewise/core/math";
import { PairList } from "../near/pairs.ts";
import { findRepeats } from "../near/repeats.ts";
import { type Followers, type FoundPairs, foundAmong } from "./found-pairs.ts";
import { type DataSetFacts, type NumberedRows, sidesAmong, wordsAmong } from "./numbered-rows.ts";

/** Bytes per hash of a text: a truncated SHA-256. */
export const digestBytes = 16;

/** Rows with hashes of their prompts and answers. */
export interface HashedRows extends NumberedRows {
  readonly prompts: Uint8Array;
  readonly answerDigests: Uint8Array;
}

/** Repeated rows found by one machine. */
export interface FoundRepeats {
  readonly pairs: FoundPairs;
  /** 1 where both rows have the same answer. */
  readonly haveSameAnswer: Uint8Array;
  readonly followers: Followers;
}

/**
 * The machine for a row, from 0 to `machines` - 1. Rows with the same words share a machine. Rows without words share
 * one if their texts are equal.
 */
export function machineOf({ offsets, ids, prompts }: HashedRows, at: number, machines: number): number {
  const [from, to] = [offsets[at] as number, offsets[at + 1] as number];
  let hash = to - from;
  for (let word = from; word < to; word++) hash = mix32(hash ^ (ids[word] as number));
  const start = at * digestBytes;
  if (from === to) for (const byte of prompts.subarray(start, start + 4)) hash = mix32(hash ^ byte);
  return (hash >>> 0) % machines;
}

/** Finds repeats like `findRepeats`, with hashes in place of the texts. */
export function repeatsAmong(rows: HashedRows, facts: DataSetFacts): FoundRepeats {
  const list = new PairList();
  const texts = textsOf(rows.prompts);
  const answers = textsOf(rows.answerDigests);
  const { standsFor } = findRepeats(wordsAmong(rows, facts), texts, sidesAmong(rows, facts), list);
  const pairs = list.toPairs(rows.rows.length);
  const following = Uint32Array.from(standsFor.keys()).filter((row) => standsFor[row] !== row);
  return {
    pairs: foundAmong(rows.rows, pairs),
    haveSameAnswer: Uint8Array.from(pairs.row, (row, at) =>
      answers[row] === answers[pairs.other[at] as number] ? 1 : 0,
    ),
    followers: {
      rows: following.map((row) => rows.rows[row] as number),
      leaders: following.map((row) => rows.rows[standsFor[row] as number] as number),
      answers: Int32Array.from(following, (row) => rows.answers[row] as number),
    },
  };
}

function textsOf(digests: Uint8Array): string[] {
  const all = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  return Array.from({ length: digests.length / digestBytes }, (_, at) =>
    all.toString("latin1", at * digestBytes, (at + 1) * digestBytes),
  );
}
