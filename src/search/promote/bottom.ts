/**
 * @file The rung that new trials are trained to: the lowest one that says anything of the next.
 */
import { kendall } from "../probe/small-to-large.ts";
import type { Standing } from "./standing.ts";

/** Trials with both results before two rungs are compared. */
const fewest = 4;

/**
 * The number of the lowest rung that ranks trials at least not against the rung above it.
 *
 * Where short training ranks trials the wrong way round, promoting by it is worse than chance; new trials then begin
 * with the longer rung, until more trials show otherwise. Failures are left out: they say nothing of the order.
 *
 * @param top number of the highest rung that is open
 * @source Kendall 1945, Biometrika 33, 239-251, for the agreement; the rule is ours
 */
export function bottomRung(standings: readonly Standing[], top: number): number {
  let bottom = 0;
  while (bottom < top) {
    const pairs = standings.flatMap(({ losses }) => {
      const [slice, whole] = [losses.get(bottom), losses.get(bottom + 1)];
      const both = slice !== undefined && whole !== undefined && Number.isFinite(slice + whole);
      return both ? [{ slice, whole }] : [];
    });
    if (pairs.length < fewest || kendall(pairs) >= 0) break;
    bottom++;
  }
  return bottom;
}
