/**
 * @file What metrics are judged with beside answers and references.
 */
import type { MetricName } from "../../recipe/index.ts";
import type { RowOutcome } from "../score.ts";
import type { AssertedTest } from "./assertion.ts";
import type { RowScorerSettings } from "./row-scorers.ts";

/** Settings of the recipe's metrics, read from the files it names. */
export interface ScoringData extends RowScorerSettings {
  /** `assertions`: tests of which each row takes the one that is meant for it. */
  readonly tests: readonly AssertedTest[];
  /** `assertions`: for rows that no test is meant for; `null`: they are not judged. */
  readonly otherwise: AssertedTest | null;
}

/** Nothing beside answers and references. */
export const noScoringData: ScoringData = { pattern: null, schema: null, tests: [], otherwise: null };

/** What is known about answers, one of each per row; an empty list: nothing. */
export interface AnswerFacts {
  /** What was asked, as text. */
  readonly questions: readonly string[];
  readonly costsUsd: readonly number[];
  /** From question to whole answer. */
  readonly latenciesMilliseconds: readonly number[];
}

/** Nothing is known. */
export const noFacts: AnswerFacts = { questions: [], costsUsd: [], latenciesMilliseconds: [] };

/** Outcomes that a program or another model found out, one per row. */
export type EstablishedOutcomes = Readonly<Partial<Record<MetricName, readonly RowOutcome[]>>>;
