/**
 * @file Everything that can be seen in rows without a model.
 */
import type { BenchmarkRow, Example, Splits } from "../dataset/index.ts";
import { differingAnswers, shortAnswers } from "./answers.ts";
import { duplicates, leaks } from "./exact.ts";
import { judgeLabels } from "./labels.ts";
import type { Observation } from "./observation.ts";
import { benchmarkRows, type Part, parts, type Row, rowsOf } from "./row.ts";
import { inspectSecrets } from "./secrets/inspect-secrets.ts";

/** What has to be known about the task. */
export interface InspectOptions {
  /** Answers are labels: their balance is judged, and whether training shows them all. */
  readonly labels: boolean;
  /** `exact`: repeats, leaks and labels by exact match alone. */
  readonly depth: "full" | "exact";
  /** Rows that training must not hold, by the file they are from. */
  readonly benchmarks: ReadonlyMap<string, readonly BenchmarkRow[]>;
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
export function inspectRows(
  splits: Splits<Example>,
  { labels, depth, benchmarks }: InspectOptions,
): Observation[] {
  const rows = rowsOf(splits);
  const of = (part: Part): readonly Row[] => rows[part];
  return [
    ...compared.flatMap(([part, other]) => leaks(part, of(part), other, of(other))),
    ...[...benchmarks].flatMap(([file, held]) => leaks(file, benchmarkRows(held), "train", of("train"))),
    ...parts.flatMap((part) => [
      ...duplicates(part, of(part)),
      ...differingAnswers(part, of(part)),
      ...shortAnswers(part, of(part), labels),
    ]),
    ...(labels ? judgeLabels(rows) : []),
    ...(depth === "full" ? inspectSecrets(parts.flatMap(of)) : []),
  ];
}
