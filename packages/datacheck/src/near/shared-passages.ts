/**
 * @file Passages that held-out documents share with training documents: runs of consecutive words, wherever they are.
 *
 * Every 25th run of 25 words of the training documents is indexed, and every run of the held-out documents is looked
 * up. So each shared passage of 50 words contains an indexed run, and a match is extended word by word in both
 * directions.
 *
 * @source 50 consecutive tokens as a repeat: Lee et al. 2022, "Deduplicating Training Data Makes Language Models
 *   Better" (arXiv 2107.06499), section 4.2
 */
import { mix32 } from "@tunewise/core/math";
import { type Hit, type Observation, observeHits } from "../observation.ts";
import { placeText } from "../problem/index.ts";
import type { Row } from "../row.ts";
import { KeyTable } from "./hash.ts";
import { type ScannedTexts, scanTexts } from "./words.ts";

/** Min. words of a passage. */
export const passageWords = 50;
/** Words of an indexed run, and the distance of two runs. */
const runWords = 25;
/** Max. runs with the same words that are compared; passages that often occur in training are found by the first. */
const maxSameRuns = 16;

/** A passage of a held-out document that also occurs in training. */
interface SharedPassage {
  /** Number of its training document. */
  readonly known: number;
  readonly words: number;
}

/**
 * `DATA_PASSAGE_SHARED`: held-out documents that share passages with training documents.
 *
 * @param part of the held-out documents, or the name of a benchmark
 * @param held its documents
 */
export function sharedPassages(part: string, held: readonly Row[], train: readonly Row[]): Observation[] {
  if (held.length === 0 || train.length === 0) return [];
  const scanned = scanTexts([...train, ...held].map(({ prompt }) => prompt));
  const index = new RunIndex(scanned, train.length);
  const hits: Hit[] = held.flatMap((row, at): Hit[] => {
    const document = train.length + at;
    const longest = index.longestShared(document);
    if (longest === null) return [];
    const other = train[longest.known] as Row;
    return [
      { row, other, reason: `shares ${longest.words} consecutive words with ${placeText(other.place)}` },
    ];
  });
  return observeHits("DATA_PASSAGE_SHARED", "warning", part, hits, held.length, {
    other: "train",
    words: passageWords,
  });
}

/** Runs of the training documents by their words. */
class RunIndex {
  readonly #texts: ScannedTexts;
  readonly #table: KeyTable;
  /** The first word of each indexed run, its document, and an earlier run with the same hash or -1. */
  readonly #starts: number[] = [];
  readonly #documents: number[] = [];
  readonly #earlier: number[] = [];

  /** @param known number of training documents, which come first */
  constructor(texts: ScannedTexts, known: number) {
    this.#texts = texts;
    const { offsets, ids } = texts;
    this.#table = new KeyTable(Math.ceil((offsets[known] as number) / runWords) + 1);
    for (let document = 0; document < known; document++) {
      const end = offsets[document + 1] as number;
      for (let at = offsets[document] as number; at + runWords <= end; at += runWords) {
        const [low, high] = hashOf(ids, at);
        const place = this.#table.placeOf(low, high);
        this.#earlier.push(this.#table.values[place] as number);
        this.#table.set(place, high, this.#starts.length);
        this.#starts.push(at);
        this.#documents.push(document);
      }
    }
  }

  /** The longest passage of a document that occurs in training; `null` if none is long enough. */
  longestShared(document: number): SharedPassage | null {
    const { offsets } = this.#texts;
    const end = offsets[document + 1] as number;
    let longest: SharedPassage | null = null;
    for (let at = offsets[document] as number; at + runWords <= end; at++) {
      const match = this.#matchAt(at, document);
      if (match === null) continue;
      if (match.words >= passageWords && match.words > (longest?.words ?? 0)) longest = match;
      at = match.end - 1;
    }
    return longest;
  }

  /** The longest passage around the run at a word, and the word behind it; `null` if no indexed run is the same. */
  #matchAt(at: number, document: number): (SharedPassage & { readonly end: number }) | null {
    const { ids, offsets } = this.#texts;
    const [low, high] = hashOf(ids, at);
    let run = this.#table.values[this.#table.placeOf(low, high)] as number;
    let best: (SharedPassage & { readonly end: number }) | null = null;
    for (let seen = 0; run !== -1 && seen < maxSameRuns; seen++) {
      const [start, known] = [this.#starts[run] as number, this.#documents[run] as number];
      run = this.#earlier[run] as number;
      const behind = sharedFrom(
        ids,
        at,
        offsets[document + 1] as number,
        start,
        offsets[known + 1] as number,
      );
      if (behind < runWords) continue; // another run with the same hash
      const before = sharedBefore(ids, at, offsets[document] as number, start, offsets[known] as number);
      const words = before + behind;
      if (words > (best?.words ?? 0)) best = { known, words, end: at + behind };
    }
    return best;
  }
}

/** Two hashes of a run of words. */
function hashOf(ids: Uint32Array, at: number): readonly [low: number, high: number] {
  let [low, high] = [0, 0];
  for (let word = at; word < at + runWords; word++) {
    low = mix32(low ^ (ids[word] as number));
    high = Math.imul(high, 0x9e3779b1) + (ids[word] as number);
  }
  return [low, mix32(high)];
}

/** Number of equal words from two places on, each up to the end of its document. */
function sharedFrom(ids: Uint32Array, one: number, end: number, other: number, otherEnd: number): number {
  const most = Math.min(end - one, otherEnd - other);
  let count = 0;
  while (count < most && ids[one + count] === ids[other + count]) count++;
  return count;
}

/** Number of equal words directly before two places, each from the start of its document. */
function sharedBefore(
  ids: Uint32Array,
  one: number,
  start: number,
  other: number,
  otherStart: number,
): number {
  const most = Math.min(one - start, other - otherStart);
  let count = 0;
  while (count < most && ids[one - 1 - count] === ids[other - 1 - count]) count++;
  return count;
}
