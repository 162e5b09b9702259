/** @file Scores answers against references: one score per metric, with the outcome of every row. */
import { type BootstrapSettings, bootstrapInterval, wilsonInterval } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import type { RowLoss } from "@tunewise/core/run";
import type { MetricName } from "../recipe/index.ts";
import type { TextRules } from "./exact-match.ts";
import { labelReader, labelsOf, labelTable } from "./label.ts";
import { type Evidence, type MetricKind, metricKinds } from "./metrics.ts";
import { coverageOf, type Interval, type RowOutcome, type Score } from "./score.ts";
import {
  type AnswerFacts,
  type EstablishedOutcomes,
  noFacts,
  noScoringData,
  type ScoringData,
} from "./scoring/scoring-data.ts";

/** The output of a model for all rows. Each metric needs answers or losses; see `metricKinds`. */
export interface Predictions {
  /** Generated text, one per reference. */
  readonly answers?: readonly string[];
  /** Loss on the reference answer, one per reference. A single sum yields a value without an interval. */
  readonly losses?: readonly RowLoss[];
  /** Outcomes of metrics that a program or another model must evaluate. */
  readonly established?: EstablishedOutcomes;
  /** Facts about the answers. */
  readonly answerFacts?: AnswerFacts;
  /** Indices of rows that got no answer: they are not scored, and may make a score invalid. */
  readonly unanswered?: readonly number[];
}

/** Scoring options; everything has a default. */
export interface ScoringSettings extends Partial<BootstrapSettings>, Partial<TextRules> {
  /** Allowed labels, in addition to those of the references. Default: none. */
  readonly labels?: readonly string[];
  /** Compare word stems in ROUGE-L; default false, as in `rouge_score`. */
  readonly stem?: boolean;
  /** Data that the recipe's metrics need besides answers and references. */
  readonly scoring?: ScoringData;
}

/** With this many draws, the bounds differ between seeds by less than a tenth of the interval's width. */
const defaultDraws = 2000;
const defaultSeed = 1;

/**
 * Computes the requested scores, in the order of the metrics.
 *
 * The same predictions, references and settings yield bit-identical scores.
 *
 * @param references expected answers, one per row
 */
export function scorePredictions(
  metrics: readonly MetricName[],
  predictions: Predictions,
  references: readonly string[],
  settings: ScoringSettings = {},
): Score[] {
  const labels = labelsOf(settings.labels ?? [], references);
  const kept = answeredRows(references.length, predictions.unanswered ?? []);
  const evidence: Evidence = {
    ...evidenceAt(kept, predictions, references),
    text: { case: settings.case ?? "keep", whitespace: settings.whitespace ?? "keep" },
    stem: settings.stem ?? false,
    readLabel: labelReader(labels),
    scoring: settings.scoring ?? noScoringData,
  };
  return metrics.map((metric) => {
    const kind = metricKinds[metric];
    assertEvidence(metric, kind, predictions, references.length);
    const { outcomes: found, facts = {}, outside = 0 } = kind.compute(evidence);
    const outcomes = found.length === kept?.length ? restoreIndices(found, kept, references.length) : found;
    const rows = outcomes.filter(({ weight }) => weight > 0).length;
    const coverage = coverageOf(rows, outcomes.length - rows - outside);
    return {
      metric,
      // an invalid score is NaN, so that no comparison, selection or search can mistake it for a value
      value: coverage.isInvalid ? Number.NaN : kind.aggregate(outcomes, null),
      interval: coverage.isInvalid ? null : intervalOf(kind, outcomes, settings),
      ...coverage,
      outcomes,
      facts,
      labels: kind.hasLabels ? labelTable(outcomes, labels) : null,
    };
  });
}

/** Indices of the rows that were answered; `null` if all of them were. */
function answeredRows(rows: number, unanswered: readonly number[]): readonly number[] | null {
  if (unanswered.length === 0) return null;
  const left = new Set(unanswered);
  return Array.from({ length: rows }, (_, row) => row).filter((row) => !left.has(row));
}

/** Answers, losses and facts, reduced to the rows that were answered. */
function evidenceAt(
  kept: readonly number[] | null,
  { answers = [], losses = [], answerFacts = noFacts, established = {} }: Predictions,
  references: readonly string[],
): Pick<Evidence, "answers" | "losses" | "answerFacts" | "established" | "references"> {
  if (kept === null) return { answers, losses, answerFacts, established, references };
  const at = <Value>(list: readonly Value[]): Value[] =>
    list.length === references.length ? kept.map((row) => list[row] as Value) : [...list];
  return {
    answers: at(answers),
    losses: at(losses),
    references: at(references),
    answerFacts: {
      questions: at(answerFacts.questions),
      costsUsd: at(answerFacts.costsUsd),
      latenciesMilliseconds: at(answerFacts.latenciesMilliseconds),
    },
    established: Object.fromEntries(
      Object.entries(established).map(([metric, outcomes]) => [metric, at(outcomes)]),
    ),
  };
}

/** Puts the outcomes of answered rows back at their original indices. */
function restoreIndices(found: readonly RowOutcome[], kept: readonly number[], rows: number): RowOutcome[] {
  const outcomes = Array.from({ length: rows }, (): RowOutcome => ({ value: 0, weight: 0 }));
  for (const [at, row] of kept.entries()) outcomes[row] = found[at] as RowOutcome;
  return outcomes;
}

/** Bootstrap interval of a statistic of drawn rows, with defaults filled in; `null` for fewer than two rows. */
export function bootstrapped(
  rows: number,
  statistic: Parameters<typeof bootstrapInterval>[1],
  { seed = defaultSeed, draws = defaultDraws }: Partial<BootstrapSettings>,
): Interval | null {
  return rows < 2 ? null : bootstrapInterval(rows, statistic, { seed, draws });
}

function intervalOf(
  kind: MetricKind,
  outcomes: readonly RowOutcome[],
  settings: Partial<BootstrapSettings>,
): Interval | null {
  const judged = outcomes.filter(({ weight }) => weight > 0);
  if (!kind.isYesNo || judged.length < 2)
    return bootstrapped(judged.length, (rows) => kind.aggregate(judged, rows), settings);
  return wilsonInterval(judged.filter(({ value }) => value === 1).length, judged.length);
}

function assertEvidence(metric: MetricName, kind: MetricKind, predictions: Predictions, rows: number): void {
  const { answers, losses } = predictions;
  if (kind.needs === "answers" && answers?.length !== rows) {
    throw new RangeError(
      `Internal: ${metric} needs ${countOf(rows, "answer")}, got ${answers?.length ?? "none"}`,
    );
  }
  if (kind.needs === "loss" && losses?.length !== rows && losses?.length !== 1) {
    throw new RangeError(
      `Internal: ${metric} needs the loss of ${countOf(rows, "row")}, got ${losses?.length ?? "none"}`,
    );
  }
}

/** Recomputes a score without some rows, such as rows seen in training; those keep their index and get weight 0. */
export function withoutRows(score: Score, left: ReadonlySet<number>): Score {
  const outcomes = score.outcomes.map(
    (outcome, row): RowOutcome => (left.has(row) ? { value: 0, weight: 0 } : outcome),
  );
  return {
    ...score,
    value: score.isInvalid ? Number.NaN : metricKinds[score.metric].aggregate(outcomes, null),
    interval: null,
    rows: outcomes.filter(({ weight }) => weight > 0).length,
    outcomes,
  };
}
