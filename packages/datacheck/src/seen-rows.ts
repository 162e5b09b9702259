/**
 * @file Contamination: test rows that training contains in some form, and the share of a test score that may be
 * memorization.
 */

import { countOf } from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import type { Observation } from "./observation.ts";
import { placeText } from "./problem/index.ts";

/**
 * Codes for rows that occur in training themselves, verbatim or paraphrased; a shared group or an older date does
 * not count.
 */
const seenCodes: readonly string[] = [
  "DATA_LEAK",
  "DATA_LEAK_NEAR",
  "DATA_LEAK_CONTAINED",
  "DATA_LEAK_PARAPHRASE",
  "DATA_LEAK_TWIN",
];

/**
 * Min share of seen rows that the headline shows. Below it, a score is off by less than one in twenty, whatever the
 * model would have answered to new rows.
 *
 * @source as for rows that could not be judged: a share u of rows moves a score by at most u
 */
export const seenShareShown = 0.05;

/**
 * Indices of the rows that also appear in training, in any form. All reports use this function for the rows they cover.
 * Findings that the recipe ignores do not count.
 */
export function seenRows(
  rows: readonly Example[],
  observations: readonly Observation[],
): ReadonlySet<number> {
  const leaks = observations.filter(
    ({ finding, about }) => seenCodes.includes(finding.code) && about["other"] === "train",
  );
  const named = new Set(leaks.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))));
  return new Set(rows.flatMap((row, at) => (named.has(placeText(row)) ? [at] : [])));
}

/** Test rows that also appear in training, of all test rows. */
export interface MemoryShare {
  readonly rows: number;
  readonly of: number;
}

/** Counts seen test rows; `null` without test rows. */
export function memoryShare(
  observations: readonly Observation[],
  test: readonly Example[],
): MemoryShare | null {
  return test.length === 0 ? null : { rows: seenRows(test, observations).size, of: test.length };
}

/** `16 of 60 test rows also appear in training (exact, near or paraphrased)` */
export function leakageText({ rows, of }: MemoryShare): string {
  const verb = rows === 1 ? "appears" : "appear";
  return `${rows} of ${countOf(of, "test row")} also ${verb} in training (exact, near or paraphrased)`;
}
