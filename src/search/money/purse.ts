/**
 * @file What is free to spend: never what the final run needs, nor what running stretches may still cost.
 */
import type { Range, Usd } from "../../quantity/index.ts";
import type { SearchSettings } from "../settings.ts";
import type { SearchState } from "../state/state.ts";
import { measure, priced, type Work } from "./prices.ts";
import { spendableUsd } from "./reserve.ts";

/** What a search may spend at this moment. */
export interface Purse {
  /** Micro-dollars that nobody has a claim on. */
  readonly free: number;
  /** The same if running stretches end at what is expected of them. */
  readonly freeExpected: number;
  readonly priceOf: (work: Work) => Range<Usd>;
  /** Whether work may start: what it takes at most, its last tick included, is free. */
  readonly fits: (work: Work) => boolean;
}

/**
 * Counts what is free.
 *
 * A stretch may cost its own cap and the tick in which its meter notices; both are set aside before it starts. Spent
 * and running together therefore never exceed the budget less the final run.
 */
export function purseOf(
  state: SearchState,
  settings: Pick<SearchSettings, "money" | "defaults">,
  rungs: number,
): Purse {
  const { money } = settings;
  const measured = measure(state.paid, money);
  const priceOf = (work: Work) => priced(work, money, measured);
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
