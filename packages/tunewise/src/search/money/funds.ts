/**
 * @file Computes the available funds: the budget without the reserve for the final runs and without the possible
 *   remaining cost of running segments.
 *
 * Two configurations are trained to the end: the best trial and the recipe's own settings. Once a trial that will
 * be one of them has been trained to the end, that training is paid for, and its reserve is released.
 */
import type { Range, Usd } from "@tunewise/core/quantity";
import { type SearchSettings, trialsUsd } from "../settings.ts";
import { bestSoFar } from "../state/best.ts";
import type { SearchState, TrialState } from "../state/state.ts";
import { measure, priceRange, type Work } from "./prices.ts";

/** The part of the reserve that is no longer needed. */
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
  // failed settings are not compared, so they get no final run
  const hasFailed = own !== undefined && [...own.losses.values()].some((loss) => !Number.isFinite(loss));
  const winnerIsPaid = best !== null && isTrained(best.trial);
  const ownIsPaid = own !== undefined && (hasFailed || isTrained(own));
  return (each * (Number(winnerIsPaid) + Number(ownIsPaid))) as Usd;
}

/** The total that trials may currently spend. */
export function spendableUsd(
  settings: Pick<SearchSettings, "money" | "defaults">,
  state: SearchState,
  rungs: number,
): Usd {
  return (trialsUsd(settings.money) + releasedUsd(settings, state, rungs)) as Usd;
}

/** Funds that a search may spend at this moment. */
export interface Funds {
  /** Micro-dollars that are not reserved. */
  readonly free: number;
  /** Micro-dollars that are not reserved if running segments end at their expected cost. */
  readonly freeExpected: number;
  readonly priceOf: (work: Work) => Range<Usd>;
  /** Whether work may start: its maximum cost, including the last metering tick, is available. */
  readonly fits: (work: Work) => boolean;
}

/**
 * Computes the available funds.
 *
 * A segment may cost its own cap plus one metering tick, until its meter notices; both are reserved before it starts.
 * Spent and reserved money together therefore never exceed the budget minus the final runs.
 */
export function availableFunds(
  state: SearchState,
  settings: Pick<SearchSettings, "money" | "defaults">,
  rungs: number,
): Funds {
  const { money } = settings;
  const measured = measure(state.paid, money);
  const priceOf = (work: Work) => priceRange(work, money, measured);
  const left = spendableUsd(settings, state, rungs) - state.spentMicroUsd;
  let [held, expected] = [0, 0];
  for (const { point, running } of state.trials.values()) {
    if (running === null) continue;
    held += running.maxMicroUsd + money.tickUsd;
    expected += Math.min(
      running.maxMicroUsd,
      priceOf({ point, from: running.from, to: running.to }).expected,
    );
  }
  const free = left - held;
  const fits = (work: Work) => priceOf(work).high + money.tickUsd <= free;
  return { free, freeExpected: left - expected, priceOf, fits };
}
