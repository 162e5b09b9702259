/** @file Held-out rows that paraphrase a known row, or repeat it with other names and numbers. */

import { Agreements, type ComparedRow } from "./agreement.ts";
import { type KnownMatch, learnCleanMatches, nearlyTheSame } from "./clean-matches.ts";
import { LetterVectors, weighLetters } from "./letter-vectors.ts";
import { fillersShared, learnNames, MaskedWords, templateCosine } from "./masked-words.ts";
import { numbersShared } from "./numbers.ts";
import type { ParaphrasePair } from "./pair.ts";
import { sameAnswers } from "./same-answers.ts";
import { cosineOf } from "./sparse-vector.ts";
import { chooseThreshold, type ErrorLimits, type Threshold } from "./threshold.ts";
import { type NearTexts, type TopMatch, TopMatches } from "./top-match.ts";
import { indexWords } from "./word-index.ts";
import { WordQuery } from "./word-query.ts";
import { WordReader } from "./word-reader.ts";
import { WordTrails } from "./word-trail.ts";
import { WordVectors } from "./word-vectors.ts";

/** What to compare, and how strictly. */
export interface ParaphraseOptions extends Partial<ErrorLimits> {
  /** Answers by row. If given, their numbers, words and identity are compared too. */
  readonly answers?: readonly string[];
  /** Rows already reported by other stages. They are neither flagged nor used to choose the threshold. */
  readonly leaveOut?: ReadonlySet<number>;
  /**
   * Whether two rows have answers that cannot belong to one question. Such rows are not paraphrases, however similar.
   */
  readonly haveOtherAnswers?: (row: number, other: number) => boolean;
  /** Finds known rows by vectors of an embedding model; `null` if they have none. */
  readonly near?: (known: readonly string[]) => NearTexts | null;
}

/** The pairs, the threshold, and the limits of the search. */
export interface Paraphrases {
  /** By ascending number of the held-out row; each row is in at most one pair. */
  readonly pairs: readonly ParaphrasePair[];
  readonly threshold: Threshold;
  /** Number of held-out rows whose match does not count as a pair, since the two rows ask different things. */
  readonly refuted: number;
  /**
   * Number of held-out rows whose frequent words were not all looked up. Matches that share only those may be missed.
   */
  readonly cutShort: number;
}

/** At most 1 % of clean rows may be flagged, and an expected 6 % of flagged rows are clean. */
const usualLimits: ErrorLimits = { falseAlarmRate: 0.01, falseShare: 0.06 };
/**
 * Min word cosine, and index entries that one row reads. With 90,000 rows, ten times as many entries find no more. With
 * 900,000 rows, where rare words occur in ten times as many rows, they find a ninth more and take another second per
 * 1,000 rows.
 */
const [minCosine, fewestEntries, entriesOfRows] = [0.1, 2_000, 0.005];
/** Number of known rows sampled for weights of character n-grams and of numbers, and for names. */
const sampledForWeights = 10_000;
/** Number of known rows sampled to measure clean rows: as many as held-out rows, within these limits. */
const [fewestSampled, mostSampled] = [1_000, 2_000];
/** Templates this similar are twins if less than half of the fillers or numbers are shared. Chosen on GSM8K. */
const [twinTemplate, twinFillers] = [0.7, 0.5];
/** Min amount by which a twin's template is more similar than the complete text. */
const nearerMasked = 0.05;
/** Min similarity of rows whose templates are compared. */
const twinScore = 0.3;
/**
 * Min similarity of questions with the same long, rare answer, as a share of the usual similarity to the second nearest
 * row. Free paraphrases keep few words, and the answer is evidence in itself.
 */
const nearEnough = 0.4;
/** Min number of words. Shorter texts cannot be distinguished. */
const minWords = 3;

/**
 * Compares each held-out row with the most similar known rows.
 *
 * A row is flagged if its match stands out from those among the known rows, see {@link chooseThreshold}, or is nearly
 * identical. The search misses no match with a word cosine of 0.1 or more, except for rows counted in `cutShort`. Reads
 * the first 16,384 characters of a row. Never throws.
 *
 * @param texts all rows
 * @param heldOut 1 for held-out rows, 0 for known rows
 */
export function findParaphrases(
  texts: readonly string[],
  heldOut: Uint8Array,
  { answers, leaveOut = new Set(), haveOtherAnswers = () => false, near, ...limits }: ParaphraseOptions = {},
): Paraphrases {
  const reader = new WordReader();
  const isLong = (row: number): boolean => {
    reader.read(texts[row] ?? "");
    return reader.count >= minWords;
  };
  const sides: [number[], number[]] = [[], []];
  for (let row = 0; row < texts.length; row++) {
    if (!leaveOut.has(row) && isLong(row)) sides[heldOut[row] === 1 ? 1 : 0].push(row);
  }
  const [known, held] = sides;
  const rowOf = (row: number): ComparedRow => ({ prompt: texts[row] ?? "", answer: answers?.[row] ?? "" });
  const matcher = matcherFor(known.map(rowOf), near);
  const found = held.map((row) => ({ row, match: matcher.matches.of(rowOf(row), -1) }));
  const cutShort = matcher.query.cutShort;
  const matches = found.map(({ match }) => match);
  const clean = learnCleanMatches(amongKnown(matcher, held.length), matches);
  const certain = [...leaveOut].filter((row) => heldOut[row] === 1).length;
  const standings = Float64Array.from(matches, clean.standingOf);
  const tolerated = { ...usualLimits, ...limits };
  const threshold = chooseThreshold(clean.standings, standings, certain, tolerated, clean);
  const areSameRare = clean.nearlySame < tolerated.falseAlarmRate;
  const pairs = new Map<number, ParaphrasePair>();
  let refuted = 0;
  for (const [at, { row, match }] of found.entries()) {
    const standing = standings[at] as number;
    const isSame = areSameRare && (match.scores[match.best] ?? 0) >= nearlyTheSame;
    const isLeak = standing >= threshold.standing || isSame;
    const pair = judge(matcher, texts[row] ?? "", match, isLeak ? standing : null);
    if (pair === null) continue;
    const other = known[pair.other] ?? -1;
    if (pair.kind === "paraphrase" && haveOtherAnswers(row, other)) refuted++;
    else pairs.set(row, { ...pair, row, other });
  }
  if (answers !== undefined) {
    const open = held.filter((row) => !pairs.has(row));
    const likeness = (row: number, other: number): number =>
      matcher.likeness(texts[row] ?? "", texts[other] ?? "");
    for (const pair of sameAnswers(answers, open, known, likeness, nearEnough * usualNext(matches)))
      pairs.set(pair.row, pair);
  }
  return { pairs: [...pairs.values()].sort((a, b) => a.row - b.row), threshold, refuted, cutShort };
}

/**
 * Similarity of any two texts, 0 to 1, with the weights of the known rows: the geometric mean of the cosine over words
 * and word bigrams and the cosine over character n-grams.
 */
export function likenessAmong(known: readonly string[]): (one: string, other: string) => number {
  const letters = new LetterVectors(weighLetters(every(known, sampledForWeights)));
  return likenessBy(new WordVectors(indexWords(known, new WordReader())), letters);
}

interface Matcher {
  readonly rows: readonly ComparedRow[];
  readonly query: WordQuery;
  readonly matches: TopMatches;
  readonly masked: MaskedWords;
  /** Similarity of any two texts. */
  readonly likeness: (one: string, other: string) => number;
}

function matcherFor(rows: readonly ComparedRow[], near: ParaphraseOptions["near"]): Matcher {
  const texts = rows.map(({ prompt }) => prompt);
  const index = indexWords(texts, new WordReader());
  const sample = every(rows, sampledForWeights);
  const sampled = sample.map(({ prompt }) => prompt);
  const letters = new LetterVectors(weighLetters(sampled));
  const entriesAtMost = Math.max(fewestEntries, entriesOfRows * rows.length);
  const query = new WordQuery(index, { minCosine, entriesAtMost });
  const trails = new WordTrails(index);
  const measures = {
    query,
    letters,
    trails,
    agreements: new Agreements(sample, trails),
    near: near?.(texts) ?? null,
  };
  const matches = new TopMatches(rows, measures);
  const likeness = likenessBy(new WordVectors(index), letters);
  return { rows, query, matches, masked: new MaskedWords(index, learnNames(sampled)), likeness };
}

/** Matches of a sample of the known rows among the others. */
function amongKnown({ rows, matches }: Matcher, held: number): KnownMatch[] {
  const most = Math.min(mostSampled, Math.max(fewestSampled, held));
  return every(Array.from(rows.keys()), most).map((row) => ({
    row,
    match: matches.of(rows[row] as ComparedRow, row),
  }));
}

function likenessBy(words: WordVectors, letters: LetterVectors): Matcher["likeness"] {
  return (one, other) =>
    Math.sqrt(cosineOf(words.of(one), words.of(other)) * cosineOf(letters.of(one, 0), letters.of(other, 0)));
}

/** The typical similarity of a row's second best match. */
function usualNext(matches: readonly TopMatch[]): number {
  const nexts = matches
    .map(({ scores }) => Float64Array.from(scores).sort().at(-2) ?? 0)
    .sort((a, b) => a - b);
  return nexts[nexts.length >> 1] ?? 1;
}

type Judged = Omit<ParaphrasePair, "row">;

/** @param standing `null` if the match does not stand out */
function judge(
  { rows, masked }: Matcher,
  text: string,
  match: TopMatch,
  standing: number | null,
): Judged | null {
  const { compared, scores, best } = match;
  const [other, score] = [compared[best] ?? -1, scores[best] ?? 0];
  if (standing === null && score < twinScore) return null;
  const mine = masked.of(text);
  if (standing === null && mine.fillers.length === 0) return null;
  let twin: Judged | null = null;
  for (const [at, row] of compared.entries()) {
    if (standing === null ? (scores[at] ?? 0) < twinScore : row !== other) continue;
    const theirs = masked.of(rows[row]?.prompt ?? "");
    const maskedScore = templateCosine(mine, theirs);
    const isNearerMasked = maskedScore >= (scores[at] ?? 0) + nearerMasked;
    const shared = Math.min(fillersShared(mine, theirs), numbersShared(text, rows[row]?.prompt ?? ""));
    const isTwin = isNearerMasked && maskedScore >= twinTemplate && shared < twinFillers;
    if (isTwin && maskedScore > (twin?.maskedScore ?? 0)) {
      twin = { other: row, kind: "twin", score: scores[at] ?? 0, maskedScore };
    } else if (standing !== null && !isTwin)
      return { other, kind: "paraphrase", score: standing, maskedScore };
  }
  return twin;
}

/** At most this many items, evenly spaced. */
function every<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, Math.ceil(items.length / most));
  return step === 1 ? items : items.filter((_, at) => at % step === 0);
}
