/** @file Finds all repeats in a data set by the inexpensive stages: exact, reordered, one word, near, contained. */
import { BestPartners } from "./best-partners.ts";
import { findContained } from "./contained.ts";
import { findNearDuplicates } from "./near-duplicates.ts";
import { findOneWord } from "./one-word.ts";
import { type PairKind, PairList, type Pairs, pairKinds } from "./pairs.ts";
import { findRepeats, type Repeats } from "./repeats.ts";
import { type Sides, sidesOf } from "./sides.ts";
import { findWordSets, type JoinCounts } from "./word-sets.ts";
import { wordsOf } from "./words.ts";

/** What counts as a repeat. */
export interface NearOptions {
  /** A number per row, equal for equal answers. Rows with different answers are pairs only if they ask the same. */
  readonly answers?: Int32Array | null;
  /** Answers are labels: rows with other labels are kept, and partners with another label are reported too. */
  readonly areLabels?: boolean;
  /** Minimum Jaccard index of word 5-grams, 0.5 to 1; default 0.7. */
  readonly near?: number;
  /** Minimum Jaccard index of word sets, 0.7 to 1; default 0.8. */
  readonly words?: number;
  /** Minimum share of a held-out row's 8-grams or 13-grams in one earlier row, above 0 to 1; default 0.5. */
  readonly contained?: number;
}

/** Pairs, and counts of the work done. */
export interface NearPairs {
  readonly pairs: Pairs;
  /** Number of rows with a pair of each kind: within their part, and with an earlier part. */
  readonly duplicates: Readonly<Record<PairKind, number>>;
  readonly leaks: Readonly<Record<PairKind, number>>;
  /** Pairs compared, and rows with too many candidates to compare all: templates and boilerplate. */
  readonly wordSets: JoinCounts;
  readonly grams: JoinCounts;
  /** Held-out rows that share at least one run of 8, or 13, words with a row of an earlier part. */
  readonly sharing: Readonly<Record<8 | 13, number>>;
}

/**
 * Finds rows that repeat an earlier row of their part or a row of an earlier part.
 *
 * A row is reported at most once per kind and part, with its best partner; with labels, once more with the best partner
 * of another label. A row with the same words as an earlier row of its part is reported only as such within its part.
 *
 * Linear in the number of words, except for rows with many candidates, of which a bounded number is compared.
 * Single-threaded. The stages share only the words, so each could run in its own thread.
 *
 * @param texts texts to compare, usually prompts
 * @param part part of each text, 0 for training; at most 8
 * @throws {RangeError} if the arrays differ in length, or for more than 8 parts
 */
export function findNearPairs(
  texts: readonly string[],
  part: Uint8Array,
  options: NearOptions = {},
): NearPairs {
  const sides = sidesOf(texts.length, part, options.answers ?? null, options.areLabels ?? false);
  const words = wordsOf(texts);
  const list = new PairList();
  const repeats = findRepeats(words, texts, sides, list);
  const followers = followersOf(repeats);
  const { first } = repeats;

  const { reordered, oneWord } = findOneWord(words, sides, first);
  reordered.addTo(list, "reordered", followers);
  oneWord.addTo(list, "one-word", followers);

  const near = new BestPartners(sides, words);
  const wordSets = findWordSets(words, first, options.words ?? 0.8, near);
  const grams = findNearDuplicates(words, first, options.near ?? 0.7, near);
  near.addTo(list, "near", followers);

  const contained = new BestPartners(sides, null);
  const least = options.contained ?? 0.5;
  const [eight, thirteen] = [8, 13].map((n) => findContained(words, sides, first, n, least, contained));
  contained.addTo(list, "contained", followers);

  const pairs = list.toPairs(sides.count);
  const sharing = { 8: eight?.sharing ?? 0, 13: thirteen?.sharing ?? 0 };
  return { pairs, ...countRows(pairs, sides), wordSets, grams, sharing };
}

/** Rows that a row represents, excluding itself. */
function followersOf({ standsFor }: Repeats): (row: number) => number[] {
  const of = new Map<number, number[]>();
  for (const [row, first] of standsFor.entries()) {
    if (first === row) continue;
    const known = of.get(first);
    if (known === undefined) of.set(first, [row]);
    else known.push(row);
  }
  const none: number[] = [];
  return (row) => of.get(row) ?? none;
}

function countRows(pairs: Pairs, { part }: Sides): Pick<NearPairs, "duplicates" | "leaks"> {
  const [duplicates, leaks] = [countOfEach(), countOfEach()];
  const last = { duplicates: -1, leaks: -1 };
  for (let at = 0; at < pairs.count; at++) {
    const [row, other] = [pairs.row[at] as number, pairs.other[at] as number];
    const kind = pairs.kind[at] as number;
    const isLeak = part[row] !== part[other];
    const which = isLeak ? "leaks" : "duplicates";
    const key = row * pairKinds.length + kind;
    if (last[which] === key) continue;
    last[which] = key;
    (isLeak ? leaks : duplicates)[pairKinds[kind] as PairKind]++;
  }
  return { duplicates, leaks };
}

function countOfEach(): Record<PairKind, number> {
  return { exact: 0, normalized: 0, reordered: 0, "one-word": 0, near: 0, contained: 0 };
}
