/**
 * @file Compares log probabilities of our own token ids. Pure.
 *
 * A wrong prompt does not affect them. After a single token, attention has one position to attend to, and rotary
 * embeddings have no effect: a difference there is one of the weights. If only predictions after a whole prompt differ,
 * positions are wrong.
 */
import { type Difference, differenceOf, type FirstDifference } from "./differences.ts";
import type { ExpectedRow } from "./expected.ts";
import type { ProbeReply } from "./probe.ts";

/** Root mean squares of the differences in log probability, in nats; `null` if nothing was compared. */
export interface ScoreDistance {
  /** After a single token, where positions have no effect. */
  readonly single: number | null;
  /** After a whole prompt. */
  readonly whole: number | null;
}

/**
 * Limit of the root mean square, in nats.
 *
 * @source docs/exports.md, "Limits of verify": measured on correct exports in f32, f16, bf16 and q8_0
 */
export const scoreLimit = 0.2;

/** Distances of both groups. */
export function scoreDistance(rows: readonly ExpectedRow[], scores: ProbeReply["scores"]): ScoreDistance {
  const of = (isSingle: boolean): number | null => {
    const squares = rows.flatMap((row, at) =>
      (row.number === null) === isSingle
        ? row.scores.flatMap((score, token) => {
            const found = scores?.[at]?.[token] ?? null;
            return found === null ? [] : [(found - score) ** 2];
          })
        : [],
    );
    if (squares.length === 0) return null;
    return Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length);
  };
  return { single: of(true), whole: of(false) };
}

/** The difference that the distances show, if any. */
export function compareScores(
  rows: readonly ExpectedRow[],
  scores: ProbeReply["scores"],
  { single, whole }: ScoreDistance,
): Difference[] {
  const isBeyond = (nats: number | null): nats is number => nats !== null && !(nats <= scoreLimit);
  const isSingle = isBeyond(single);
  if (!isSingle && !isBeyond(whole)) return [];
  const kind = isSingle || single === null ? "weights" : "rope";
  const nats = (isSingle ? single : (whole as number)).toPrecision(2);
  const where = isSingle ? "after a single token" : "after whole prompts";
  const agreement = kind === "rope" ? "agree after a single token, and differ" : "differ";
  const summary = `Log probabilities ${agreement} by ${nats} nats (root mean square) ${where}`;
  const own = rows.flatMap((row, at) => {
    const first = (row.number === null) === isSingle ? firstBeyond(row, scores?.[at] ?? []) : null;
    return first === null ? [] : [first];
  });
  return [differenceOf(kind, { count: own.length, of: rows.length, first: own[0] ?? null }, summary)];
}

function firstBeyond(
  { ids, from, scores, number }: ExpectedRow,
  found: readonly (number | null)[],
): FirstDifference | null {
  const at = scores.findIndex((score, token) => {
    const own = found[token] ?? null;
    return own !== null && !(Math.abs(own - score) <= scoreLimit);
  });
  if (at < 0) return null;
  const text = (score: number | null | undefined): string => `${(score ?? Number.NaN).toFixed(2)} nats`;
  const id = ids[from + at];
  const expected = `${text(scores[at])} for token ${id}`;
  return { number, byte: null, token: from + at, expected, found: text(found[at]) };
}
