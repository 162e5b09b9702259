/** @file Selects the best number of examples or passages on rows that are not test rows. */

import { metricKinds, type Score } from "../evaluate/index.ts";
import type { Arm, ArmLine } from "./arm.ts";

/**
 * Selects the best candidate by headline score. Ties go to the one with the shortest context, which is the cheapest.
 */
export function chooseCandidate(line: ArmLine, scoreOf: (arm: Arm) => Score): Choice {
  const [first] = line.candidates;
  if (line.candidates.length === 1) return { line: line.name, chosen: first, sweep: [] };
  const scored = line.candidates.map((arm) => ({ arm, score: scoreOf(arm) }));
  // a score that is not finite sorts last
  const rank = ({ metric, value }: Score): number =>
    Number.isFinite(value) ? (metricKinds[metric].higherIsBetter ? value : -value) : Number.NEGATIVE_INFINITY;
  const better = (a: Score, b: Score): number => (rank(a) === rank(b) ? 0 : rank(b) - rank(a));
  const shown = ({ examples, passages }: Arm): number => examples + passages;
  const [best] = [...scored].sort((a, b) => better(a.score, b.score) || shown(a.arm) - shown(b.arm));
  return {
    line: line.name,
    chosen: best?.arm ?? first,
    sweep: scored.map(({ arm, score }) => ({
      arm: arm.name,
      examples: arm.examples,
      passages: arm.passages,
      value: score.value,
      low: score.interval?.low ?? null,
      high: score.interval?.high ?? null,
      rows: score.rows,
    })),
  };
}

/** Selection of a group's candidate. */
export interface Choice {
  readonly line: string;
  readonly chosen: Arm;
  /** All candidates with their validation scores; empty if there was only one. */
  readonly sweep: readonly CandidateScore[];
}

/** Validation score of a candidate. */
export interface CandidateScore {
  readonly arm: string;
  readonly examples: number;
  readonly passages: number;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: number;
}
