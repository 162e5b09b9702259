/**
 * @file How much of a test score may be memory: test rows that training has seen in one form or another.
 */
import type { Example } from "../../dataset/index.ts";
import type { Observation } from "../../inspect/index.ts";
import { placeText } from "../../problem/index.ts";

/** Test rows that training has seen. */
export interface MemoryShare {
  /** Test rows that any finding about leaks names, each once. */
  readonly rows: number;
  readonly of: number;
}

/** Counts; `null` where there are no test rows. */
export function memoryShare(
  observations: readonly Observation[],
  test: readonly Example[],
): MemoryShare | null {
  if (test.length === 0) return null;
  const leaks = observations.filter(({ finding }) => finding.code.startsWith("DATA_LEAK"));
  const named = new Set(leaks.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))));
  return { rows: test.filter((row) => named.has(placeText(row))).length, of: test.length };
}
