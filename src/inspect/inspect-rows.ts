/**
 * @file Everything that can be seen in rows without a model.
 */
import type { Example, Splits } from "../dataset/index.ts";
import { duplicates, leaks } from "./exact.ts";
import type { Observation } from "./observation.ts";
import { differingAnswers, shortAnswers } from "./quality/answers.ts";
import { judgeLabels } from "./quality/labels.ts";
import { type Part, parts, type Row, rowsOf } from "./row.ts";

/** What has to be known about the task. */
export interface InspectOptions {
  /** Answers are labels: their balance is judged, and whether training shows them all. */
  readonly labels: boolean;
}

/** Held-out rows in train weigh most: each part is compared with those before it. */
const compared: readonly (readonly [Part, Part])[] = [
  ["test", "train"],
  ["validation", "train"],
  ["test", "validation"],
];

/**
 * Looks for what makes training or its metrics worth less; collects all and stops at nothing.
 *
 * @see the functions it calls for their codes
 */
export function inspectRows(splits: Splits<Example>, { labels }: InspectOptions): Observation[] {
  const rows = rowsOf(splits);
  const of = (part: Part): readonly Row[] => rows[part];
  return [
    ...compared.flatMap(([part, other]) => leaks(part, of(part), other, of(other))),
    ...parts.flatMap((part) => [
      ...duplicates(part, of(part)),
      ...differingAnswers(part, of(part)),
      ...shortAnswers(part, of(part), labels),
    ]),
    ...(labels ? judgeLabels(rows) : []),
  ];
}
