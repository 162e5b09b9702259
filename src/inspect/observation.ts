/**
 * @file What an inspection saw: a finding, and all rows it rests on.
 */
import { type Finding, findingOf, type Place, type ProblemCode, type Severity } from "../problem/index.ts";

/**
 * What would mend a row: it is left out, or the other one is (a training row, where a held-out row stays as it was
 * published), or what must not be in it is masked.
 */
export type Remedy = "drop" | "drop-other" | "redact";

/** One row that a finding rests on. */
export interface Evidence {
  readonly place: Place;
  /** A few words that follow "data.jsonl:7: ". Never a secret. */
  readonly reason: string;
  /** The row it repeats or contradicts. */
  readonly other?: Place;
  /** The line of its answer that is meant, from 1. */
  readonly answerLine?: number;
  /** Absent: nothing that could be done without asking. */
  readonly remedy?: Remedy;
}

/** A finding whose every row is known; the finding alone shows a few. */
export interface Observation {
  readonly finding: Finding;
  /** What its sentence was filled with: the part, the part it was compared with, the weakness. */
  readonly about: Readonly<Record<string, string | number>>;
  readonly evidence: readonly Evidence[];
}

/**
 * An observation worded by the problem catalog.
 *
 * @param about numbers and names for the sentences; `count` is how many rows there are
 */
export function observe(
  code: ProblemCode,
  severity: Severity,
  about: Readonly<Record<string, string | number>>,
  evidence: readonly Evidence[],
): Observation {
  const where = evidence.map(({ place }) => place);
  const told = { count: evidence.length, ...about };
  return { finding: findingOf(code, severity, told, where, evidence.length), about: told, evidence };
}
