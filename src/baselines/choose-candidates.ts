/**
 * @file Of several numbers of examples or passages the best is chosen, on rows that are not test rows.
 */

import { metricKinds, type Score } from "../evaluate/index.ts";
import type { Arm, ArmLine } from "./arm.ts";

/** The best candidate by its headline score; of equals the one that shows least, since that is cheapest. */
export function chooseCandidate(line: ArmLine, scoreOf: (arm: Arm) => Score): Choice {
  const [first] = line.candidates;
  if (line.candidates.length === 1) return { line: line.name, chosen: first, sweep: [] };
  const scored = line.candidates.map((arm) => ({ arm, score: scoreOf(arm) }));
  // a void score comes last: nobody knows what the candidate is worth
  const rank = ({ metric, value }: Score): number =>
    Number.isFinite(value) ? (metricKinds[metric].higherIsBetter ? value : -value) : Number.NEGATIVE_INFINITY;
  const better = (a: Score, b: Score): number => (rank(a) === rank(b) ? 0 : rank(b) - rank(a));
  const shown = ({ examples, passages }: Arm): number => examples + passages;
  const [best] = [...scored].sort((a, b) => better(a.score, b.score) || shown(a.arm) - shown(b.arm));
  return {
    line: line.name,
    chosen: best?.arm ?? first,
    sweep: scored.map(({ arm, score }) => ({
      ...{ arm: arm.name, examples: arm.examples, passages: arm.passages, value: score.value },
      ...{ low: score.interval?.low ?? null, high: score.interval?.high ?? null, rows: score.rows },
    })),
  };
}

/** How a line's candidate was chosen. */
export interface Choice {
  readonly line: string;
  readonly chosen: Arm;
  /** Every candidate with its score on the validation rows; empty where there was no choice. */
  readonly sweep: readonly CandidateScore[];
}

/** How a candidate did. */
export interface CandidateScore {
  readonly arm: string;
  readonly examples: number;
  readonly passages: number;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: number;
}
