/**
 * @file Contamination: test rows that training has seen in some form, and how much of a test score may be memorization.
 */
import type { Example } from "../dataset/index.ts";
import { placeText } from "../problem/index.ts";
import type { Observation } from "./observation.ts";

/** Copies, and copies with a word or two changed; paraphrases and quotations are a different matter. */
const copyCodes: readonly string[] = ["DATA_LEAK", "DATA_LEAK_NEAR"];

/**
 * Codes for rows that occur in training themselves, verbatim or paraphrased; a shared group or an older date does
 * not count.
 */
const seenCodes = [...copyCodes, "DATA_LEAK_CONTAINED", "DATA_LEAK_PARAPHRASE", "DATA_LEAK_TWIN"];

/**
 * Share of seen rows that is shown in the headline. Below it a score is off by less than one in twenty, whatever
 * the model would have answered to new rows.
 *
 * @source as for rows that could not be judged: a share u of rows moves a score by at most u
 */
export const seenShareShown = 0.05;

/** Indices of the rows that training has a copy of; findings that the recipe ignores are not counted. */
export function seenRows(
  rows: readonly Example[],
  observations: readonly Observation[],
): ReadonlySet<number> {
  return namedBy(
    observations.filter(({ finding }) => copyCodes.includes(finding.code)),
    rows,
  );
}

/** Test rows that training has seen. */
export interface MemoryShare {
  /** Number of test rows named by a leak from training, each once. */
  readonly rows: number;
  readonly of: number;
}

/** Counts seen test rows; `null` without test rows. Leaks into validation do not count, since it is not trained on. */
export function memoryShare(
  observations: readonly Observation[],
  test: readonly Example[],
): MemoryShare | null {
  if (test.length === 0) return null;
  const leaks = observations.filter(
    ({ finding, about }) => seenCodes.includes(finding.code) && about["split"] === "test",
  );
  return { rows: namedBy(leaks, test).size, of: test.length };
}

/** Indices of the rows that leaks from training name. */
function namedBy(leaks: readonly Observation[], rows: readonly Example[]): ReadonlySet<number> {
  const fromTraining = leaks.filter(({ about }) => about["other"] === "train");
  const named = new Set(
    fromTraining.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))),
  );
  return new Set(rows.flatMap((row, at) => (named.has(placeText(row)) ? [at] : [])));
}
