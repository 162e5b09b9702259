/**
 * @file Judges answers against references: one score per metric, outcomes kept row by row.
 */
import { type BootstrapSettings, bootstrapInterval } from "../math/index.ts";
import { countOf } from "../quantity/index.ts";
import type { MetricName } from "../recipe/index.ts";
import { coverageOf } from "./coverage.ts";
import type { TextRules } from "./exact-match.ts";
import { labelReader, labelsOf, labelTable } from "./label.ts";
import { type Evidence, type MetricKind, metricKinds, type RowLoss } from "./metrics.ts";
import type { Interval, RowOutcome, Score } from "./score.ts";
import {
  type AnswerFacts,
  type EstablishedOutcomes,
  noFacts,
  noScoringData,
  type ScoringData,
} from "./scoring/scoring-data.ts";
import { wilsonInterval } from "./statistics/proportion.ts";

/** What a model did with the rows. A metric needs one of the two; see `metricKinds`. */
export interface Predictions {
  /** Generated text, one per reference. */
  readonly answers?: readonly string[];
  /** Loss on the reference answer, one per reference. A single sum gives a value without an interval. */
  readonly losses?: readonly RowLoss[];
  /** Outcomes of metrics that a program or another model must judge. */
  readonly established?: EstablishedOutcomes;
  /** What is known about the answers. */
  readonly about?: AnswerFacts;
  /** Rows to which no answer came, by their places: they are not judged, and count towards a void score. */
  readonly unanswered?: readonly number[];
}

/** How to judge; everything has a default. */
export interface ScoringSettings extends Partial<BootstrapSettings>, Partial<TextRules> {
  /** Allowed labels; those of the references are added. Default: none declared. */
  readonly labels?: readonly string[];
  /** Compare word stems in ROUGE-L; default false, as in `rouge_score`. */
  readonly stem?: boolean;
  /** What the metrics of the recipe need beside answers and references. */
  readonly scoring?: ScoringData;
}

/** Enough draws that the bounds move by less than a tenth of their width between seeds. */
const defaultDraws = 2000;
const defaultSeed = 1;

/**
 * Scores in the order of the metrics asked for.
 *
 * The same predictions, references and settings give the same scores to the bit.
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
  const kept = keptRows(references.length, predictions.unanswered ?? []);
  const evidence: Evidence = {
    ...evidenceAt(kept, predictions, references),
    text: { case: settings.case ?? "keep", whitespace: settings.whitespace ?? "keep" },
    stem: settings.stem ?? false,
    readLabel: labelReader(labels),
    scoring: settings.scoring ?? noScoringData,
  };
  return metrics.map((metric) => {
    const kind = metricKinds[metric];
    demandEvidence(metric, kind, predictions, references.length);
    const { outcomes: found, facts = {}, outside = 0 } = kind.compute(evidence);
    const outcomes = found.length === kept?.length ? spreadOut(found, kept, references.length) : found;
    const rows = outcomes.filter(({ weight }) => weight > 0).length;
    const coverage = coverageOf(rows, outcomes.length - rows - outside);
    return {
      metric,
      // a void score has no value, so that nothing that compares, chooses or searches can take it for one
      value: coverage.isVoid ? Number.NaN : kind.aggregate(outcomes, null),
      interval: coverage.isVoid ? null : intervalOf(kind, outcomes, bootstrapSettings(settings)),
      ...coverage,
      outcomes,
      facts,
      labels: kind.hasLabels ? labelTable(outcomes, labels) : null,
    };
  });
}

/** Rows that were answered, by their places; `null`: all of them. */
function keptRows(rows: number, unanswered: readonly number[]): readonly number[] | null {
  if (unanswered.length === 0) return null;
  const left = new Set(unanswered);
  return Array.from({ length: rows }, (_, row) => row).filter((row) => !left.has(row));
}

/** Answers, losses and all that is known of them, at the rows that were answered. */
function evidenceAt(
  kept: readonly number[] | null,
  { answers = [], losses = [], about = noFacts, established = {} }: Predictions,
  references: readonly string[],
): Pick<Evidence, "answers" | "losses" | "about" | "established" | "references"> {
  if (kept === null) return { answers, losses, about, established, references };
  const at = <Value>(list: readonly Value[]): Value[] =>
    list.length === references.length ? kept.map((row) => list[row] as Value) : [...list];
  return {
    ...{ answers: at(answers), losses: at(losses), references: at(references) },
    about: {
      questions: at(about.questions),
      costsUsd: at(about.costsUsd),
      latenciesMilliseconds: at(about.latenciesMilliseconds),
    },
    established: Object.fromEntries(
      Object.entries(established).map(([metric, outcomes]) => [metric, at(outcomes)]),
    ),
  };
}

/** Outcomes of the rows that were answered, back at their places. */
function spreadOut(found: readonly RowOutcome[], kept: readonly number[], rows: number): RowOutcome[] {
  const outcomes = Array.from({ length: rows }, (): RowOutcome => ({ value: 0, weight: 0 }));
  for (const [at, row] of kept.entries()) outcomes[row] = found[at] as RowOutcome;
  return outcomes;
}

/** Settings of the bootstrap with defaults filled in. */
export function bootstrapSettings(settings: Partial<BootstrapSettings>): BootstrapSettings {
  return { seed: settings.seed ?? defaultSeed, draws: settings.draws ?? defaultDraws };
}

function intervalOf(
  kind: MetricKind,
  outcomes: readonly RowOutcome[],
  settings: BootstrapSettings,
): Interval | null {
  const judged = outcomes.filter(({ weight }) => weight > 0);
  if (judged.length < 2) return null;
  if (kind.isYesNo) return wilsonInterval(judged.filter(({ value }) => value === 1).length, judged.length);
  return bootstrapInterval(judged.length, (rows) => kind.aggregate(judged, rows), settings);
}

function demandEvidence(metric: MetricName, kind: MetricKind, predictions: Predictions, rows: number): void {
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
