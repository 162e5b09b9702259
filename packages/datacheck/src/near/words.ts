/** @file Texts as word numbers, computed once and used by every stage. */

import { meaningOf } from "./meaning.ts";
import { NumberList } from "./number-list.ts";
import { WordScanner } from "./scan-words.ts";
import { Vocabulary } from "./vocabulary.ts";

/**
 * The words of texts, text after text. A word is a number; rarer words have smaller numbers. Equal numbers mean equal
 * words, since no hash decides. `scan-words.ts` defines a word.
 */
export interface Words {
  /** Number of texts. */
  readonly count: number;
  /** The words in text order. Those of text i are `ids[offsets[i]]` to `ids[offsets[i + 1] - 1]`. */
  readonly ids: Uint32Array;
  /** As `ids`, with each text's words sorted, rarest first. Repeated words are retained. */
  readonly sorted: Uint32Array;
  readonly offsets: Uint32Array;
  /** Document frequency of each word. */
  readonly textsWith: Uint32Array;
  /** Information of each word, in nats: ln((texts + 1) / texts with the word). */
  readonly information: Float32Array;
  /** 1 for words with a digit 0 to 9. */
  readonly hasDigit: Uint8Array;
  /** Hash of each word's stem; 0 for a word that does not change the question, see `meaning.ts`. */
  readonly meaning: Uint32Array;
  /**
   * 1 for words in more than a fifth of the texts, and in more than 100: function words, and a prompt's fixed
   * words.
   */
  readonly isCommon: Uint8Array;
}

const [commonShare, fewestCommon] = [0.2, 100];

/** Texts as numbers of their own vocabulary, in order of first use. */
export interface ScannedTexts {
  readonly ids: Uint32Array;
  readonly offsets: Uint32Array;
  readonly vocabulary: Vocabulary;
}

/** Tokenizes texts; never throws, whatever they contain. */
export function wordsOf(texts: readonly string[]): Words {
  const scanned = scanTexts(texts);
  const { ids, offsets, vocabulary } = scanned;
  const { rank, statistics } = rankWords(vocabulary, countTexts(scanned), texts.length);
  for (let at = 0; at < ids.length; at++) ids[at] = rank[ids[at] as number] as number;
  return { ids, offsets, sorted: sortWithin(ids, offsets), ...statistics };
}

/** The words of texts, before they are numbered by rarity. */
export function scanTexts(texts: readonly string[]): ScannedTexts {
  const vocabulary = new Vocabulary();
  const list = new NumberList(texts.length * 12 + 16);
  const scanner = new WordScanner(vocabulary, list);
  const offsets = new Uint32Array(texts.length + 1);
  for (const [text, content] of texts.entries()) {
    scanner.add(content);
    offsets[text + 1] = list.length;
  }
  return { ids: list.view(), offsets, vocabulary };
}

/** Statistics of all words, by their final numbers. */
export type WordStatistics = Pick<
  Words,
  "count" | "textsWith" | "information" | "hasDigit" | "meaning" | "isCommon"
>;

/**
 * Numbers words by rarity.
 *
 * @param counts document frequency of each word of the vocabulary
 * @param texts number of texts
 * @source inverse document frequency: Sparck Jones 1972
 */
export function rankWords(
  vocabulary: Vocabulary,
  counts: Uint32Array,
  texts: number,
): { readonly rank: Uint32Array; readonly statistics: WordStatistics } {
  const { rank, textsWith } = rankByRarity(counts);
  const information = Float32Array.from(textsWith, (having) =>
    having === 0 ? 0 : Math.log((texts + 1) / having),
  );
  const [hasDigit, meaning] = [new Uint8Array(vocabulary.size), new Uint32Array(vocabulary.size)];
  for (let word = 0; word < vocabulary.size; word++) {
    hasDigit[rank[word] as number] = vocabulary.hasDigit(word) ? 1 : 0;
    meaning[rank[word] as number] = vocabulary.read(word, meaningOf);
  }
  const least = Math.max(fewestCommon, commonShare * texts);
  const isCommon = Uint8Array.from(textsWith, (having) => (having > least ? 1 : 0));
  return { rank, statistics: { count: texts, textsWith, information, hasDigit, meaning, isCommon } };
}

/** For each word, the number of texts that contain it. */
export function countTexts({ ids, offsets, vocabulary: { size } }: ScannedTexts): Uint32Array {
  const counts = new Uint32Array(size);
  const lastText = new Int32Array(size).fill(-1);
  for (let text = 0; text + 1 < offsets.length; text++) {
    for (let at = offsets[text] as number; at < (offsets[text + 1] as number); at++) {
      const id = ids[at] as number;
      if (lastText[id] === text) continue;
      lastText[id] = text;
      counts[id] = (counts[id] as number) + 1;
    }
  }
  return counts;
}

/** Counting sort of the words by document frequency. */
function rankByRarity(counts: Uint32Array): { readonly rank: Uint32Array; readonly textsWith: Uint32Array } {
  const { length: size } = counts;
  const most = counts.reduce((largest, count) => Math.max(largest, count), 0);
  const starts = new Uint32Array(most + 2);
  for (const count of counts) starts[count + 1] = (starts[count + 1] as number) + 1;
  for (let count = 1; count < starts.length; count++) {
    starts[count] = (starts[count] as number) + (starts[count - 1] as number);
  }
  const rank = new Uint32Array(size);
  const textsWith = new Uint32Array(size);
  for (const [id, count] of counts.entries()) {
    const place = starts[count] as number;
    starts[count] = place + 1;
    rank[id] = place;
    textsWith[place] = count;
  }
  return { rank, textsWith };
}

/** Each text's words, rarest first. Short runs use insertion sort, which is faster than a call per text. */
export function sortWithin(ids: Uint32Array, offsets: Uint32Array): Uint32Array {
  const sorted = ids.slice();
  for (let text = 0; text + 1 < offsets.length; text++) {
    const [from, to] = [offsets[text] as number, offsets[text + 1] as number];
    if (to - from > 32) {
      sorted.subarray(from, to).sort();
      continue;
    }
    for (let at = from + 1; at < to; at++) {
      const held = sorted[at] as number;
      let before = at - 1;
      while (before >= from && (sorted[before] as number) > held) {
        sorted[before + 1] = sorted[before] as number;
        before--;
      }
      sorted[before + 1] = held;
    }
  }
  return sorted;
}
