/**
 * @file Contamination: how much of a test score may be memorization, from test rows that training has seen in some
 *   form.
 */
import type { Example } from "../dataset/index.ts";
import { placeText } from "../problem/index.ts";
import type { Observation } from "./observation.ts";

/** Test rows that training has seen. */
export interface MemoryShare {
  /** Number of test rows named by a leak from training, each once. */
  readonly rows: number;
  readonly of: number;
}

/**
 * Codes for rows that occur in training themselves, verbatim or paraphrased; a shared group or an older date does
 * not count.
 */
const seenAs: ReadonlySet<string> = new Set([
  ...["DATA_LEAK", "DATA_LEAK_NEAR", "DATA_LEAK_CONTAINED", "DATA_LEAK_PARAPHRASE", "DATA_LEAK_TWIN"],
]);

/** Counts seen test rows; `null` without test rows. Leaks into validation do not count, since it is not trained on. */
export function memoryShare(
  observations: readonly Observation[],
  test: readonly Example[],
): MemoryShare | null {
  if (test.length === 0) return null;
  const leaks = observations.filter(
    ({ finding, about }) =>
      seenAs.has(finding.code) && about["split"] === "test" && about["other"] === "train",
  );
  const named = new Set(leaks.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))));
  return { rows: test.filter((row) => named.has(placeText(row))).length, of: test.length };
}
