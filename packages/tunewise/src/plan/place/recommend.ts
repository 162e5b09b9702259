/**
 * @file Recommends the placement with the lowest cost including the cost of delay, and shows the trade-off.
 *
 * @source Reinertsen 2009, "The Principles of Product Development Flow", principle E3: quantify the cost of delay; the
 *   choice is the option with the lowest cost plus delay x cost of delay
 */
import { type Usd, usd } from "@tunewise/core/quantity";
import type { SpendAssumptions } from "../money/assumptions.ts";
import { rentConstants } from "./constants.ts";
import type { PlaceEstimate } from "./place.ts";

/** Preferences about waiting. */
export interface Patience {
  /** Placements that take longer are not recommended if another is faster. */
  readonly deadlineSeconds: number;
  /** Cost of an hour of waiting in dollars. */
  readonly costOfDelayUsdPerHour: number;
  /** Number of sequential runs to wait for. */
  readonly runs: number;
}

/** The recommended placement, and its best alternative. */
export interface Recommendation {
  /** Index of the placement; `null`: none certainly fits. */
  readonly best: number | null;
  readonly tradeOff: TradeOff | null;
}

/** Indexes of two placements, one cheaper and the other faster. */
export interface TradeOff {
  readonly cheaper: number;
  readonly quicker: number;
  /** Price of an hour saved by the faster placement on one run; above 0. */
  readonly usdPerHourSaved: Usd;
  readonly costOfDelayUsdPerHour: Usd;
}

/** Runs to wait for: the seeds and the preceding trials. Retrainings come later. */
export function runsWaitedFor({ seeds, trials, trialShare }: SpendAssumptions): number {
  return seeds + trials * trialShare;
}

/** A candidate for the recommendation. */
interface Candidate {
  readonly at: number;
  readonly usd: number;
  /** Hours of one run, as displayed. */
  readonly hours: number;
  /** Hours of manual work before and after it. */
  readonly setUpHours: number;
  readonly isInTime: boolean;
}

/**
 * Compares the placements that certainly fit. Hosted training is never recommended, since it is unknown whether the
 * vendor supports this model.
 */
export function recommend(places: readonly PlaceEstimate[], patience: Patience): Recommendation {
  const sure = places.flatMap(({ kind, fits, total, seconds }, at): Candidate[] =>
    kind !== "hosted" && fits === "yes" && total
      ? [
          {
            at,
            usd: total.p50 / 1e6,
            hours: (seconds?.expected ?? 0) / 3600,
            setUpHours: kind === "here" || kind === "own" ? 0 : rentConstants.setUpHours,
            isInTime: (seconds?.expected ?? 0) <= patience.deadlineSeconds,
          },
        ]
      : [],
  );
  const inTime = sure.filter(({ isInTime }) => isInTime);
  const candidates = inTime.length > 0 ? inTime : sure;
  const weight = (one: Candidate): number =>
    one.usd + patience.costOfDelayUsdPerHour * (patience.runs * one.hours + one.setUpHours);
  const best = least(candidates, weight);
  return { best: best?.at ?? null, tradeOff: best ? tradeOffOf(best, candidates, places, patience) : null };
}

/**
 * Compares the recommendation with the cheapest placement if that is slower, else with the placement that saves time at
 * the lowest price per hour.
 */
function tradeOffOf(
  best: Candidate,
  candidates: readonly Candidate[],
  places: readonly PlaceEstimate[],
  { costOfDelayUsdPerHour }: Patience,
): TradeOff | null {
  const runUsd = ({ at }: Candidate): number => (places[at]?.runUsd.expected ?? 0) / 1e6;
  const wait = ({ hours, setUpHours }: Candidate): number => hours + setUpHours;
  // faster including set-up, since set-up may use up the saving, and also by the displayed hours of a run
  const isQuicker = (one: Candidate, other: Candidate): boolean =>
    wait(one) < wait(other) && one.hours < other.hours;
  const perHour = (cheaper: Candidate, quicker: Candidate): number =>
    (runUsd(quicker) - runUsd(cheaper)) / (cheaper.hours - quicker.hours);
  const pair = (cheaper: Candidate, quicker: Candidate): TradeOff => ({
    cheaper: cheaper.at,
    quicker: quicker.at,
    usdPerHourSaved: usd(perHour(cheaper, quicker)),
    costOfDelayUsdPerHour: usd(costOfDelayUsdPerHour),
  });
  const cheapest = least(
    candidates.filter((one) => runUsd(one) < runUsd(best) && isQuicker(best, one)),
    runUsd,
  );
  if (cheapest) return pair(cheapest, best);
  const quicker = least(
    candidates.filter((one) => isQuicker(one, best) && runUsd(one) > runUsd(best)),
    (one) => perHour(best, one),
  );
  return quicker ? pair(best, quicker) : null;
}

function least<Item>(items: readonly Item[], size: (item: Item) => number): Item | undefined {
  const [first, ...rest] = items;
  return first && rest.reduce((found, item) => (size(item) < size(found) ? item : found), first);
}
