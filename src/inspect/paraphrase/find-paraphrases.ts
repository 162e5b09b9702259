/** @file Held-out rows that paraphrase a known row, or repeat it with other names and numbers. */

import { normalizeText } from "../../dataset/index.ts";
import { LetterVectors, weighLetters } from "./letter-vectors.ts";
import { fillersShared, learnNames, MaskedWords, templateCosine } from "./masked-words.ts";
import { cosineOf } from "./sparse-vector.ts";
import { chooseThreshold, type ErrorLimits, type Threshold } from "./threshold.ts";
import { type TopMatch, TopMatches } from "./top-match.ts";
import { indexWords } from "./word-index.ts";
import { type QueryLimits, WordQuery } from "./word-query.ts";
import { WordReader } from "./word-reader.ts";
import { WordTrails } from "./word-trail.ts";
import { WordVectors } from "./word-vectors.ts";

/** What to compare, and how strictly. */
export interface ParaphraseOptions extends Partial<ErrorLimits> {
  /** Answers by row; without them, identical answers to changed questions are not looked for. */
  readonly answers?: readonly string[];
  /** Rows that are known to repeat others: neither flagged nor used to find the threshold. */
  readonly leaveOut?: ReadonlySet<number>;
}

/** The same in other words, the same template with other names and numbers, or an identical answer. */
type PairKind = "paraphrase" | "twin" | "same-answer";

/** A held-out row and the known row it resembles. */
export interface ParaphrasePair {
  /** Number of the held-out row among all texts. */
  readonly row: number;
  /** Number of the known row among all texts. */
  readonly other: number;
  readonly kind: PairKind;
  /** Similarity, 0 to 1. */
  readonly score: number;
  /** Similarity of their templates, 0 to 1; for an identical answer equal to the score. */
  readonly maskedScore: number;
}

/** The pairs, the threshold, and the limits of the search. */
export interface Paraphrases {
  /** By ascending number of the held-out row; each row is in at most one pair. */
  readonly pairs: readonly ParaphrasePair[];
  readonly threshold: Threshold;
  /**
   * Number of held-out rows whose frequent words were not all looked up: a match that only shares those may be
   * missed.
   */
  readonly cutShort: number;
}

/**
 * One clean row in a hundred may be flagged at most, and one flagged row in thirty is expected to be clean: of five
 * sets of planted rows, one in 22 to 26 was.
 */
const usualLimits: ErrorLimits = { falseAlarmRate: 0.01, falseShare: 0.035 };
/** Minimum word cosine of 0.1; reading ten times as many index entries finds no more. */
const search: QueryLimits = { minCosine: 0.1, entriesAtMost: 2_000 };
/** Number of known rows sampled for character n-gram weights and for names. */
const sampledForWeights = 10_000;
/** With fewer held-out rows, known rows help to find the threshold. */
const enoughDecoys = 100;
/** Rows this similar say the same in nearly the same words, whatever is usual in the data. */
const nearlyTheSame = 0.85;
/** Templates this similar, with less than half of the names and numbers shared, are twins; chosen on GSM8K. */
const [twinTemplate, twinFillers] = [0.7, 0.5];
/** Minimum by which a twin's template is more similar than the complete text. */
const nearerMasked = 0.05;
/** Minimum similarity of rows to compare their templates. */
const twinScore = 0.3;
/** Minimum number of words: shorter texts cannot be told apart. */
const fewestWords = 3;

/**
 * Compares each held-out row with the most similar known rows.
 *
 * A row is flagged if its match stands out from what second best matches reach, see {@link chooseThreshold}, or is
 * nearly identical. The search misses no match with a word cosine of 0.1 or more, except for rows counted in
 * `cutShort`. Reads the first 16,384 characters of a row. Never throws.
 *
 * @param texts all rows
 * @param heldOut 1 where the row is held out, 0 where it is known
 */
export function findParaphrases(
  texts: readonly string[],
  heldOut: Uint8Array,
  { answers, leaveOut = new Set(), ...limits }: ParaphraseOptions = {},
): Paraphrases {
  const reader = new WordReader();
  const isLong = (row: number): boolean => {
    reader.read(texts[row] ?? "");
    return reader.count >= fewestWords;
  };
  const sides: [number[], number[]] = [[], []];
  for (let row = 0; row < texts.length; row++) {
    if (!leaveOut.has(row) && isLong(row)) sides[heldOut[row] === 1 ? 1 : 0].push(row);
  }
  const [known, held] = sides;
  const matcher = matcherFor(known.map((row) => texts[row] ?? ""));
  const found = held.map((row) => ({ row, match: matcher.matches.of(texts[row] ?? "", -1) }));
  const cutShort = matcher.query.cutShort;
  const matches = found.map(({ match }) => match);
  const standings = Float64Array.from(matches, ({ standing }) => standing);
  const certain = [...leaveOut].filter((row) => heldOut[row] === 1).length;
  const threshold = chooseThreshold(decoysOf(matches, matcher), standings, certain, {
    ...usualLimits,
    ...limits,
  });
  const pairs = new Map<number, ParaphrasePair>();
  for (const { row, match } of found) {
    const pair = judge(matcher, texts[row] ?? "", match, threshold);
    if (pair !== null) pairs.set(row, { ...pair, row, other: known[pair.other] ?? -1 });
  }
  if (answers !== undefined) {
    const open = held.filter((row) => !pairs.has(row));
    const likeness = (row: number, other: number): number =>
      matcher.likeness(texts[row] ?? "", texts[other] ?? "");
    for (const pair of sameAnswers(answers, open, known, likeness, usualNext(matches)))
      pairs.set(pair.row, pair);
  }
  return { pairs: [...pairs.values()].sort((a, b) => a.row - b.row), threshold, cutShort };
}

/**
 * Similarity of any two texts, 0 to 1, with the weights of the known rows: the geometric mean of the cosine over
 * words and word bigrams and the cosine over character n-grams. The score of a pair is this.
 */
export function likenessAmong(known: readonly string[]): (one: string, other: string) => number {
  const letters = new LetterVectors(weighLetters(every(known, sampledForWeights)));
  return likenessBy(new WordVectors(indexWords(known, new WordReader())), letters);
}

interface Matcher {
  readonly texts: readonly string[];
  readonly query: WordQuery;
  readonly matches: TopMatches;
  readonly masked: MaskedWords;
  /** Similarity of any two texts. */
  readonly likeness: (one: string, other: string) => number;
}

function matcherFor(texts: readonly string[]): Matcher {
  const index = indexWords(texts, new WordReader());
  const sample = every(texts, sampledForWeights);
  const letters = new LetterVectors(weighLetters(sample));
  const query = new WordQuery(index, search);
  const matches = new TopMatches(texts, { query, letters, trails: new WordTrails(index) });
  const likeness = likenessBy(new WordVectors(index), letters);
  return { texts, query, matches, masked: new MaskedWords(index, learnNames(sample)), likeness };
}

function likenessBy(words: WordVectors, letters: LetterVectors): Matcher["likeness"] {
  return (one, other) =>
    Math.sqrt(cosineOf(words.of(one), words.of(other)) * cosineOf(letters.of(one, 0), letters.of(other, 0)));
}

/** Decoys of the held-out rows, and of known rows too if those are few. */
function decoysOf(matches: readonly TopMatch[], { texts, matches: among }: Matcher): Float64Array {
  const decoys = matches.map(({ decoy }) => decoy);
  const step = Math.max(1, Math.ceil(texts.length / Math.max(1, enoughDecoys - decoys.length)));
  for (let row = 0; row < texts.length && decoys.length < enoughDecoys; row += step) {
    decoys.push(among.of(texts[row] ?? "", row).decoy);
  }
  return Float64Array.from(decoys);
}

/** What the second best match of a row usually reaches. */
function usualNext(matches: readonly TopMatch[]): number {
  const nexts = matches.map(({ next }) => next).sort((a, b) => a - b);
  return nexts[nexts.length >> 1] ?? nearlyTheSame;
}

type Judged = Omit<ParaphrasePair, "row">;

function judge(
  { texts, masked }: Matcher,
  text: string,
  match: TopMatch,
  threshold: Threshold,
): Judged | null {
  const { compared, scores, other, score, standing } = match;
  const isLeak = standing >= threshold.standing || score >= nearlyTheSame;
  if (!isLeak && score < twinScore) return null;
  const mine = masked.of(text);
  if (!isLeak && mine.fillers.length === 0) return null;
  let twin: Judged | null = null;
  for (const [at, row] of compared.entries()) {
    if (isLeak && row !== other) continue;
    const theirs = masked.of(texts[row] ?? "");
    const maskedScore = templateCosine(mine, theirs);
    const isNearerMasked = maskedScore >= (scores[at] ?? 0) + nearerMasked;
    const isTwin = isNearerMasked && maskedScore >= twinTemplate && fillersShared(mine, theirs) < twinFillers;
    if (isTwin && maskedScore > (twin?.maskedScore ?? 0)) {
      twin = { other: row, kind: "twin", score: scores[at] ?? 0, maskedScore };
    } else if (isLeak && !isTwin) return { other, kind: "paraphrase", score, maskedScore };
  }
  return twin;
}

/** At most this many, evenly spaced. */
function every(texts: readonly string[], most: number): readonly string[] {
  const step = Math.max(1, Math.ceil(texts.length / most));
  return step === 1 ? texts : texts.filter((_, row) => row % step === 0);
}

/** In normalized characters. Shorter answers are labels, numbers and phrases that many questions share. */
const shortestAnswer = 40;
/** An answer of more known rows is a set phrase, such as a refusal. */
const mostRows = 4;

/**
 * Held-out rows whose long, rare answer also belongs to a known row, with questions at least as similar as usual
 * for the nearest.
 *
 * @param answers by row
 * @param held rows to check
 * @param known rows to search
 * @param likeness similarity of two rows' questions, 0 to 1
 * @param least minimum similarity
 */
function sameAnswers(
  answers: readonly string[],
  held: readonly number[],
  known: readonly number[],
  likeness: (row: number, other: number) => number,
  least: number,
): ParaphrasePair[] {
  const wanted = new Map<string, number[]>();
  const keyOf = (row: number): string => normalizeText(answers[row] ?? "");
  const keys = held.map(keyOf);
  for (const key of keys) if (key.length >= shortestAnswer) wanted.set(key, []);
  if (wanted.size === 0) return [];
  for (const row of known) wanted.get(keyOf(row))?.push(row);
  const pairs: ParaphrasePair[] = [];
  for (const [at, row] of held.entries()) {
    const rows = wanted.get(keys[at] ?? "") ?? [];
    if (rows.length > mostRows) continue;
    let best: ParaphrasePair | null = null;
    for (const other of rows) {
      const score = likeness(row, other);
      if (score >= Math.max(least, best?.score ?? 0)) {
        best = { row, other, kind: "same-answer", score, maskedScore: score };
      }
    }
    if (best !== null) pairs.push(best);
  }
  return pairs;
}
