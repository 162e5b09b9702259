/**
 * @file What is kept back for the final runs: their training only while it is still to come.
 *
 * Two are trained to the end: the best trial and the recipe's own settings. As soon as a trial that will be one of
 * them has been trained to the end as a trial, that training is paid for, and what was kept for it is free.
 */
import type { Usd } from "../../quantity/index.ts";
import { type SearchSettings, trialsUsd } from "../settings.ts";
import { bestSoFar } from "../state/best.ts";
import type { SearchState, TrialState } from "../state/state.ts";

/** Of what is kept back for the final runs, what is no longer needed. */
export function releasedUsd(
  { money, defaults }: Pick<SearchSettings, "money" | "defaults">,
  { trials }: SearchState,
  rungs: number,
): Usd {
  const each = money.finalTrainingUsd ?? 0;
  if (each === 0) return 0 as Usd;
  const all = [...trials.values()];
  const best = bestSoFar(all, rungs);
  const own = all.find(({ point }) => Object.keys(defaults).every((name) => point[name] === defaults[name]));
  const isTrained = (trial: TrialState): boolean =>
    Number.isFinite(trial.losses.get(rungs - 1) ?? Number.NaN);
  // settings that failed are not compared with: no run of theirs is to come
  const hasFailed = own !== undefined && [...own.losses.values()].some((loss) => !Number.isFinite(loss));
  const winnerIsPaid = best !== null && isTrained(best.trial);
  const ownIsPaid = own !== undefined && (hasFailed || isTrained(own));
  return (each * (Number(winnerIsPaid) + Number(ownIsPaid))) as Usd;
}

/** What trials may spend in all, as things stand. */
export function spendableUsd(
  settings: Pick<SearchSettings, "money" | "defaults">,
  state: SearchState,
  rungs: number,
): Usd {
  return (trialsUsd(settings.money) + releasedUsd(settings, state, rungs)) as Usd;
}
