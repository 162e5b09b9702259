/** @file Result of an inspection: a finding, and all rows it is based on. */
import { type Finding, findingOf, type Place, type ProblemCode, type Severity } from "../problem/index.ts";

/**
 * What would fix a row: drop it, drop the other one (a training row, if a held-out row stays as published), or
 * redact it.
 */
export type Remedy = "drop" | "drop-other" | "redact";

/** One row that a finding is based on. */
export interface Evidence {
  readonly place: Place;
  /** A few words that follow "data.jsonl:7: ". Never a secret. */
  readonly reason: string;
  /** The row it repeats or contradicts. */
  readonly other?: Place;
  /** Line number in its answer, from 1. */
  readonly answerLine?: number;
  /** Absent if nothing can be done without asking. */
  readonly remedy?: Remedy;
}

/** A finding with all its rows; the finding by itself shows a few. */
export interface Observation {
  readonly finding: Finding;
  /** Parameters of its sentence: the part, the part it was compared with, the weakness. */
  readonly about: Readonly<Record<string, string | number>>;
  readonly evidence: readonly Evidence[];
}

/**
 * Creates an observation worded by the problem catalog.
 *
 * @param about numbers and names for the sentences; `count` is the number of rows
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
