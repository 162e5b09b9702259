/**
 * @file How similar clean rows are: the best matches of known rows among the other known rows.
 *
 * Held-out rows do not take part, so leaks, however many, do not raise what counts as clean. Two effects could: several
 * known rows that paraphrase one held-out row match each other, and known rows may have been multiplied by
 * paraphrasing. Both are detected and excluded.
 */
import { quantile } from "@tunewise/core/math";
import type { TopMatch } from "./top-match.ts";

/** Rows this similar say the same in nearly the same words. */
export const nearlyTheSame = 0.85;

/** A known row and its matches among the other known rows. */
export interface KnownMatch {
  readonly row: number;
  readonly match: TopMatch;
}

/** How similar clean rows are to known rows. */
export interface CleanMatches {
  /** Standings of clean rows. */
  readonly standings: Float64Array;
  /** How far a match stands out from the next one. */
  readonly standingOf: (match: TopMatch) => number;
  /** Share of known rows with a match that is {@link nearlyTheSame}, except matches that other stages find. */
  readonly nearlySame: number;
  /** Share of known rows that paraphrase each other and were excluded; 0 if they do so no more than held-out rows. */
  readonly repeated: number;
  /** Typical similarity of known rows to held-out rows, relative to that among known rows. */
  readonly density: number;
}

/**
 * The share of the next match's weight that is subtracted. A clean row may be similar to many rows of its kind, a
 * leaked one mostly to its source. The subtraction is capped at a typical value, since a row may have leaked several
 * times.
 */
const shareOfNext = 0.6;
const usualNext = 0.97;
/**
 * Threshold of outliers: as many times the distance between median and lowest tenth above the median as 99 in 100 of
 * the maxima of many (Gumbel). Leaks do not affect the lowest tenth.
 */
const standsOut = 3.5;
/** The same for the nearest copy of a held-out row and for further copies: 97 in 100 and 90 in 100. */
const [leakedOnce, leakedAgain] = [2.5, 1.2];
/** With fewer held-out rows, nothing is inferred from them. */
const minHeld = 50;
/** Max rounds that exclude matches through a held-out row. Each round lowers the threshold that reveals them. */
const maxRounds = 4;
/** Threshold of clean rows if known rows repeat each other, since nothing then shows how similar clean rows are. */
const standsFar = 8;
/**
 * Known rows repeat each other if at least this share of them are outliers, and at least this many times the share of
 * held-out rows.
 */
const [repeatedShare, repeatedTimes] = [0.1, 1.5];

/**
 * Scales the best matches of known rows if these are typically more, or less, similar to each other than to held-out
 * rows. A leak does not change the typical similarity. The exponent keeps part of the difference, since the nearest
 * rows differ less than typical rows; chosen on questions of MMLU among those of LC-QuAD and on queries.
 */
const [densityPower, leastDensity, mostDensity] = [0.8, 0.3, 2];

/**
 * @param known a sample of the known rows
 * @param held matches of the held-out rows
 */
export function learnCleanMatches(known: readonly KnownMatch[], held: readonly TopMatch[]): CleanMatches {
  const usual = known.filter(({ match }) => !match.isNear);
  const apart = withoutLeaked(usual, held);
  const nexts = apart.map(({ next }) => next);
  const cap = quantileOf(nexts, usualNext);
  const standingOf = ({ weights, best, next }: TopMatch): number =>
    best < 0 ? 0 : Math.max(0, (weights[best] as number) - shareOfNext * Math.min(next, cap));
  const others = held.filter(({ isNear }) => !isNear);
  const density = densityOf(usual, others);
  const among = apart.map((match) => density * standingOf(match));
  const out = others.map(standingOf);
  const [own, other] = [levelOf(among), levelOf(out)];
  const bound = out.length < minHeld ? own : Math.min(own, other);
  const repeated = shareFrom(among, bound);
  const areRepeated = repeated >= repeatedShare && repeated >= repeatedTimes * shareFrom(out, bound);
  const same = usual.filter(({ match: { scores, best } }) => (scores[best] ?? 0) >= nearlyTheSame);
  const nearlySame = same.length / Math.max(1, usual.length);
  if (!areRepeated)
    return { standings: Float64Array.from(among), standingOf, nearlySame, repeated: 0, density };
  const far = levelOf(own <= other ? among : out, standsFar);
  return { standings: new Float64Array(among.length).fill(far), standingOf, nearlySame, repeated, density };
}

function densityOf(known: readonly KnownMatch[], held: readonly TopMatch[]): number {
  if (held.length < minHeld) return 1;
  const [among, out] = [known.map(({ match }) => match.around), held.map(({ around }) => around)];
  const [own, other] = [quantileOf(among, 0.5), quantileOf(out, 0.5)];
  if (own === 0) return 1;
  return Math.max(leastDensity, Math.min(mostDensity, (other / own) ** densityPower));
}

/** Matches of known rows, without pairs that are both outliers for one held-out row: that row has leaked twice. */
function withoutLeaked(known: readonly KnownMatch[], held: readonly TopMatch[]): TopMatch[] {
  let apart = known.map(({ match }) => match);
  for (let [round, level] = [0, Number.POSITIVE_INFINITY]; round < maxRounds; round++) {
    const weights = apart.map(largest);
    const lower = levelOf(weights, leakedOnce);
    if (lower >= level) break;
    level = lower;
    const heldBy = heldByKnown(held, level, levelOf(weights, leakedAgain));
    apart = known.map(({ row, match }) => withoutShared(row, match, heldBy));
  }
  return apart;
}

function shareFrom(standings: readonly number[], least: number): number {
  return standings.filter((standing) => standing >= least).length / Math.max(1, standings.length);
}

function largest({ weights, best }: TopMatch): number {
  return best < 0 ? 0 : (weights[best] as number);
}

/** For each known row with a weight of at least `lower`: the held-out rows whose best match reaches `level`. */
function heldByKnown(
  held: readonly TopMatch[],
  level: number,
  lower: number,
): ReadonlyMap<number, readonly number[]> {
  const by = new Map<number, number[]>();
  for (const [row, match] of held.entries()) {
    if (largest(match) < level) continue;
    for (const [at, known] of match.compared.entries()) {
      if ((match.weights[at] as number) < lower) continue;
      const rows = by.get(known);
      if (rows === undefined) by.set(known, [row]);
      else rows.push(row);
    }
  }
  return by;
}

/** The match, without known rows that are outliers for the same held-out row as this one. */
function withoutShared(
  row: number,
  match: TopMatch,
  heldBy: ReadonlyMap<number, readonly number[]>,
): TopMatch {
  const own = heldBy.get(row);
  if (own === undefined) return match;
  const rows = new Set(own);
  const isShared = (known: number): boolean => heldBy.get(known)?.some((one) => rows.has(one)) ?? false;
  let [best, next] = [-1, 0];
  for (const [at, known] of match.compared.entries()) {
    if (isShared(known)) continue;
    const weight = match.weights[at] as number;
    if (best < 0 || weight > (match.weights[best] as number)) {
      if (best >= 0) next = match.weights[best] as number;
      best = at;
    } else if (weight > next) next = weight;
  }
  return { ...match, best, next };
}

/** A value that clean rows hardly ever reach, estimated from the lower half only. */
function levelOf(values: readonly number[], times = standsOut): number {
  const [middle, low] = [quantileOf(values, 0.5), quantileOf(values, 0.1)];
  return middle + times * (middle - low);
}

function quantileOf(values: readonly number[], share: number): number {
  return values.length === 0 ? 0 : quantile(Float64Array.from(values).sort(), share);
}
