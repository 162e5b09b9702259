/** @file Test rows that training has seen: the same prompts, or near duplicates, are in the training rows. */
import type { Example } from "../dataset/index.ts";
import { placeText } from "../problem/index.ts";
import type { Observation } from "./observation.ts";

/** Copies, and copies with a word or two changed; paraphrases and quotations are a different matter. */
const seenCodes: ReadonlySet<string> = new Set(["DATA_LEAK", "DATA_LEAK_NEAR"]);

/**
 * Share of seen rows that is shown in the headline. Below it a score is off by less than one in twenty, whatever
 * the model would have answered to new rows.
 *
 * @source as for rows that could not be judged: a share u of rows moves a score by at most u
 */
export const seenShareShown = 0.05;

/** Locations of the rows that training has seen; findings that the recipe ignores are not counted. */
export function seenRows(
  rows: readonly Example[],
  observations: readonly Observation[],
): ReadonlySet<number> {
  const leaks = observations.filter(
    ({ finding, about }) => seenCodes.has(finding.code) && about["other"] === "train",
  );
  const named = new Set(leaks.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))));
  return new Set(rows.flatMap((row, at) => (named.has(placeText(row)) ? [at] : [])));
}
