/**
 * @file How much of a test score may be memory: test rows that training has seen in one form or another.
 */
import type { Example } from "../dataset/index.ts";
import { placeText } from "../problem/index.ts";
import type { Observation } from "./observation.ts";

/** Test rows that training has seen. */
export interface MemoryShare {
  /** Test rows that a leak from training names, each once. */
  readonly rows: number;
  readonly of: number;
}

/** What has the row itself in training, in its own words or others; a group or an older date has not. */
const seenAs: ReadonlySet<string> = new Set([
  ...["DATA_LEAK", "DATA_LEAK_NEAR", "DATA_LEAK_CONTAINED", "DATA_LEAK_PARAPHRASE", "DATA_LEAK_TWIN"],
]);

/** Counts; `null` where there are no test rows. What stands in validation as well is not learned from. */
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
