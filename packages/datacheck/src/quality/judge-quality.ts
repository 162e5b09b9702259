/** @file Quality checks per part: faults, lengths, and the number of rows. */

import { promptKey } from "../exact.ts";
import { type Hit, type Observation, observe, observeHits } from "../observation.ts";
import { placeKey } from "../problem/index.ts";
import { type Part, parts, type Row } from "../row.ts";
import { differingAnswers, oddTurns, shortAnswers } from "./answers.ts";
import { boilerplate } from "./boilerplate.ts";
import { damagedText } from "./damaged-text.ts";
import { judgeLabels, labelNames } from "./labels.ts";
import { languageMix } from "./language.ts";
import { preferenceFaults } from "./preferences.ts";
import { templateLeftovers } from "./template-leftovers.ts";
import { toolCallFaults } from "./tool-calls.ts";
import { truncatedAnswers } from "./truncated.ts";

/**
 * Checks rows, answers, labels and the number of rows.
 *
 * @param areLabels answers are labels: checks them as such, and not as texts
 * @see the functions it calls for their codes
 */
export function judgeQuality(
  rows: Readonly<Record<Part, readonly Row[]>>,
  areLabels: boolean,
): Observation[] {
  const faults = new Map(parts.map((part) => [part, faultsOf(part, rows[part], areLabels)]));
  const faulty = new Set<string>();
  for (const { finding, evidence } of faults.get("train") ?? []) {
    if (finding.severity === "note") continue;
    for (const { place } of evidence) faulty.add(placeKey(place));
  }
  const withFault = new Set(rows.train.filter(({ place }) => faulty.has(placeKey(place))));
  return [
    ...[...faults.values()].flat(),
    ...preferenceFaults(rows),
    ...(areLabels ? [...judgeLabels(rows), ...labelNames(rows.train)] : []),
    ...trainingAmount(rows.train, withFault),
  ];
}

/** Min. characters of training documents, about 250,000 tokens of English. */
const minDocumentCharacters = 1_000_000;

/**
 * Checks documents: damaged text, markers of chat templates, stray languages and the amount of text. Codes: those of
 * `damagedText`, `templateLeftovers` and `languageMix`, and `DATA_TOO_LITTLE_TEXT`.
 */
export function judgeDocuments(rows: Readonly<Record<Part, readonly Row[]>>): Observation[] {
  const faults = parts.flatMap((part) => [
    ...damagedText(part, rows[part]),
    ...templateLeftovers(part, rows[part], true),
    ...languageMix(part, rows[part], true),
  ]);
  const characters = rows.train.reduce((sum, { prompt }) => sum + prompt.length, 0);
  const [first] = rows.train;
  if (first === undefined || characters >= minDocumentCharacters) return faults;
  const about = { characters, min: minDocumentCharacters };
  const evidence = [{ place: { file: first.place.file }, reason: `${characters} characters` }];
  return [...faults, observe("DATA_TOO_LITTLE_TEXT", "note", about, evidence)];
}

function faultsOf(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  return [
    ...differingAnswers(part, rows),
    ...shortAnswers(part, rows, areLabels),
    ...templateLeftovers(part, rows, areLabels),
    ...oddTurns(part, rows, areLabels),
    ...toolCallFaults(part, rows),
    ...damagedText(part, rows),
    ...languageMix(part, rows, areLabels),
    ...lengthOutliers(part, rows, areLabels),
    ...(areLabels ? [] : [...truncatedAnswers(part, rows), ...boilerplate(part, rows)]),
  ];
}

/** With fewer clean rows, tuning seldom beats a good prompt. */
const minTraining = 100;

/** `DATA_TOO_FEW_ROWS`: counts distinct training prompts without a fault. */
function trainingAmount(train: readonly Row[], faulty: ReadonlySet<Row>): Observation[] {
  const [first] = train;
  const clean = new Set(train.filter((row) => !faulty.has(row)).map(promptKey)).size;
  if (first === undefined || clean >= minTraining) return [];
  const about = { clean, total: train.length, least: minTraining };
  const evidence = [{ place: { file: first.place.file }, reason: `${clean} different clean rows` }];
  return [observe("DATA_TOO_FEW_ROWS", "warning", about, evidence)];
}

/** Robust z-score of the log-length beyond which a row is an outlier. */
const outlierScore = 5;

/** Min spread, in nats: if rows have nearly one length, a row below 12 times that length is not an outlier. */
const minSpread = 0.5;

/** Min rows to determine a typical length. */
const minRows = 30;

/** The median absolute deviation times this factor estimates the standard deviation of a normal distribution. */
const normalScale = 1.4826;

/** `DATA_LENGTH_OUTLIER`: prompts and, unless they are labels, answers. */
function lengthOutliers(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  if (rows.length < minRows) return [];
  const prompts = outliers(rows, "prompt", ({ prompt }) => prompt.length);
  const answers = areLabels ? [] : outliers(rows, "answer", ({ answer }) => answer.length);
  const seen = new Set(prompts.map(({ row }) => row));
  const hits = [...prompts, ...answers.filter(({ row }) => !seen.has(row))];
  return observeHits("DATA_LENGTH_OUTLIER", "note", part, hits, rows.length);
}

function outliers(rows: readonly Row[], what: string, lengthOf: (row: Row) => number): Hit[] {
  const logs = Float64Array.from(rows, (row) => Math.log1p(lengthOf(row)));
  const middle = medianOf(logs);
  const deviations = logs.map((log) => Math.abs(log - middle));
  const spread = Math.max(minSpread, normalScale * medianOf(deviations));
  const usual = Math.round(Math.expm1(middle));
  return rows.flatMap((row, index) =>
    (deviations[index] ?? 0) > outlierScore * spread
      ? [{ row, reason: `${what} of ${lengthOf(row)} characters, the median has ${usual}` }]
      : [],
  );
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
