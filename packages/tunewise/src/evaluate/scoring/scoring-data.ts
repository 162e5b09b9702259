/** @file Data that metrics need besides answers and references. */
import type { MetricName } from "../../recipe/index.ts";
import type { RowOutcome } from "../score.ts";
import type { AssertedTest } from "./assertion.ts";
import type { RowScorerSettings } from "./row-scorers.ts";

/** Settings of the recipe's metrics, read from the files it names. */
export interface ScoringData extends RowScorerSettings {
  /** For `assertions`: tests, matched to rows by their variables. */
  readonly tests: readonly AssertedTest[];
  /** For `assertions`: the test for rows that no other test applies to; `null` leaves them unscored. */
  readonly defaultTest: AssertedTest | null;
}

/** No data besides answers and references. */
export const noScoringData: ScoringData = { pattern: null, schema: null, tests: [], defaultTest: null };

/** Facts about answers, one value per row in each list; an empty list means unknown. */
export interface AnswerFacts {
  /** The prompts, as text. */
  readonly questions: readonly string[];
  readonly costsUsd: readonly number[];
  /** From question to complete answer. */
  readonly latenciesMilliseconds: readonly number[];
}

/** All facts unknown. */
export const noFacts: AnswerFacts = { questions: [], costsUsd: [], latenciesMilliseconds: [] };

/** Outcomes established by a program or another model, one per row. */
export type EstablishedOutcomes = Readonly<Partial<Record<MetricName, readonly RowOutcome[]>>>;
