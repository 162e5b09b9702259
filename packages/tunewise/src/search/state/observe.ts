/** @file Observations for a proposer: one comparable loss per trial. */
import type { Observation, Seen } from "../propose/observation.ts";
import type { TrialState } from "./state.ts";

/**
 * Trials as observations at the highest rung that has enough of them.
 *
 * Trials that only reached lower rungs are kept, because not being promoted is informative. Their losses are shifted by
 * the median change from rung to rung over the trials that have both. Trials from higher rungs count with their result
 * at this rung.
 *
 * @param enough minimum number of finite results at the rung
 * @source Falkner et al. 2018 (arXiv 1807.01774), section 4.1: the highest budget with enough observations
 */
export function observationsOf(trials: Iterable<TrialState>, rungCount: number, enough: number): Seen {
  const all = [...trials];
  const finiteAt = (rung: number) => all.filter(({ losses }) => Number.isFinite(losses.get(rung))).length;
  const rungs = Array.from({ length: rungCount }, (_, rung) => rung);
  const seenAt = rungs.findLast((rung) => finiteAt(rung) >= enough) ?? 0;
  const shifts = shiftsTo(all, seenAt);
  const done: Observation[] = [];
  for (const { losses, place } of all) {
    const rung = rungs.slice(0, seenAt + 1).findLast((one) => losses.has(one));
    const above = rung === undefined ? rungs.find((one) => losses.has(one)) : undefined;
    const from = rung ?? above;
    if (from === undefined) continue;
    done.push({ place, loss: (losses.get(from) as number) + (shifts[from] ?? 0) });
  }
  const running = all.filter(({ losses, running: stretch }) => stretch !== null && losses.size === 0);
  return { done, running: running.map(({ place }) => place) };
}

/** Offset for a loss of each rung up to `top` that makes it comparable with those of `top`. */
function shiftsTo(trials: readonly TrialState[], top: number): number[] {
  const shifts = Array.from({ length: top + 1 }, () => 0);
  for (let rung = top - 1; rung >= 0; rung--) {
    const changes = trials.flatMap(({ losses }) => {
      const change = (losses.get(rung + 1) ?? Number.NaN) - (losses.get(rung) ?? Number.NaN);
      return Number.isFinite(change) ? [change] : [];
    });
    changes.sort((a, b) => a - b);
    shifts[rung] = (shifts[rung + 1] ?? 0) + (changes[Math.floor(changes.length / 2)] ?? 0);
  }
  return shifts;
}
