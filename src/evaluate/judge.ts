/**
 * @file Judges answers against references: one score per metric, outcomes kept row by row.
 */
import type { MetricName } from "../recipe/index.ts";
import type { TextRules } from "./exact-match.ts";
import { labelReader, labelsOf, labelTable } from "./label.ts";
import { type Evidence, type MetricKind, metricKinds, type RowLoss } from "./metrics.ts";
import type { Interval, RowOutcome, Score } from "./score.ts";
import {
  type AnswerFacts,
  type EstablishedOutcomes,
  noFacts,
  noMaterial,
  type ScoringMaterial,
} from "./scoring/material.ts";
import { type BootstrapSettings, bootstrapInterval } from "./statistics/bootstrap.ts";
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
}

/** How to judge; everything has a default. */
export interface JudgeSettings extends Partial<BootstrapSettings>, Partial<TextRules> {
  /** Allowed labels; those of the references are added. Default: none declared. */
  readonly labels?: readonly string[];
  /** Compare word stems in ROUGE-L; default false, as in `rouge_score`. */
  readonly stem?: boolean;
  /** What the metrics of the recipe need beside answers and references. */
  readonly scoring?: ScoringMaterial;
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
export function judge(
  metrics: readonly MetricName[],
  predictions: Predictions,
  references: readonly string[],
  settings: JudgeSettings = {},
): Score[] {
  const labels = labelsOf(settings.labels ?? [], references);
  const evidence: Evidence = {
    answers: predictions.answers ?? [],
    losses: predictions.losses ?? [],
    references,
    text: { case: settings.case ?? "keep", whitespace: settings.whitespace ?? "keep" },
    stem: settings.stem ?? false,
    readLabel: labelReader(labels),
    scoring: settings.scoring ?? noMaterial,
    about: predictions.about ?? noFacts,
    established: predictions.established ?? {},
  };
  return metrics.map((metric) => {
    const kind = metricKinds[metric];
    demandEvidence(metric, kind, predictions, references.length);
    const { outcomes, facts = {} } = kind.compute(evidence);
    return {
      metric,
      value: kind.aggregate(outcomes, null),
      interval: intervalOf(kind, outcomes, bootstrapSettings(settings)),
      rows: outcomes.filter(({ weight }) => weight > 0).length,
      outcomes,
      facts,
      labels: kind.hasLabels ? labelTable(outcomes, labels) : null,
    };
  });
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
    throw new RangeError(`Internal: ${metric} needs ${rows} answers, got ${answers?.length ?? "none"}`);
  }
  if (kind.needs === "loss" && losses?.length !== rows && losses?.length !== 1) {
    throw new RangeError(
      `Internal: ${metric} needs the loss of ${rows} rows, got ${losses?.length ?? "none"}`,
    );
  }
}
