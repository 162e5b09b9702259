/**
 * @file Everything about the quality of rows, part by part, and whether there are enough of them.
 */
import { placeKey } from "../../problem/index.ts";
import type { Observation } from "../observation.ts";
import { type Part, parts, type Row } from "../row.ts";
import { trainingAmount } from "./amounts.ts";
import { differingAnswers, shortAnswers } from "./answers.ts";
import { boilerplate } from "./boilerplate.ts";
import { damagedText } from "./damaged-text.ts";
import { labelNames } from "./label-names.ts";
import { judgeLabels } from "./labels.ts";
import { languageMix } from "./language-mix.ts";
import { lengthOutliers } from "./lengths.ts";
import { oddTurns } from "./odd-turns.ts";
import { templateLeftovers } from "./template-leftovers.ts";
import { truncatedAnswers } from "./truncated.ts";

/**
 * Faults of rows and of answers, labels' faults, and amounts.
 *
 * @param areLabels answers are labels: these are judged as such, and not as texts
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
    ...(areLabels ? [...judgeLabels(rows), ...labelNames(rows.train)] : []),
    ...trainingAmount(rows.train, withFault),
  ];
}

function faultsOf(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  return [
    ...differingAnswers(part, rows),
    ...shortAnswers(part, rows, areLabels),
    ...templateLeftovers(part, rows, areLabels),
    ...oddTurns(part, rows, areLabels),
    ...damagedText(part, rows),
    ...languageMix(part, rows, areLabels),
    ...lengthOutliers(part, rows, areLabels),
    ...(areLabels ? [] : [...truncatedAnswers(part, rows), ...boilerplate(part, rows)]),
  ];
}
