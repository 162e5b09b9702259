/**
 * @file Which place is recommended: the one whose cost and waiting together are least, and what that trades.
 *
 * @source Reinertsen 2009, "The Principles of Product Development Flow", principle E3: quantify the cost of delay; the
 *   choice is the option with the lowest cost plus delay x cost of delay
 */
import { type Usd, usd } from "../../quantity/index.ts";
import type { SpendAssumptions } from "../money/assumptions.ts";
import { rentConstants } from "./constants.ts";
import type { PlaceEstimate } from "./place.ts";

/** What is weighed. */
export interface Patience {
  /** A place where one run takes longer is passed over while another is quicker. */
  readonly deadlineSeconds: number;
  /** Dollars that an hour of waiting is worth. */
  readonly costOfDelayUsdPerHour: number;
  /** Runs that are waited for, one after another. */
  readonly runs: number;
}

/** The recommended place, and the place that it is best compared with. */
export interface Recommendation {
  /** Position among the places; `null`: none fits for certain. */
  readonly best: number | null;
  readonly tradeOff: TradeOff | null;
}

/** Two places of which one is cheaper and the other one quicker. Positions among the places. */
export interface TradeOff {
  readonly cheaper: number;
  readonly quicker: number;
  /** What an hour less of one run costs at the quicker place. */
  readonly usdPerHourSaved: Usd;
  readonly costOfDelayUsdPerHour: Usd;
}

/** Runs that somebody waits for: the seeds, and the trials before them. Retrainings come later. */
export function runsWaitedFor({ seeds, trials, trialShare }: SpendAssumptions): number {
  return seeds + trials * trialShare;
}

/** A place that may be recommended. */
interface Candidate {
  readonly at: number;
  readonly usd: number;
  /** Of one run, as the table of places shows them. */
  readonly hours: number;
  /** Hours that a person is busy before and after it. */
  readonly setUpHours: number;
  readonly isInTime: boolean;
}

/**
 * Weighs the places that fit for certain. Whether a vendor trains this very model is not known, so none is
 * recommended.
 */
export function recommend(places: readonly PlaceEstimate[], patience: Patience): Recommendation {
  const sure = places.flatMap(({ kind, fits, total, seconds }, at): Candidate[] =>
    kind !== "hosted" && fits === "yes" && total
      ? [
          {
            at,
            usd: total.p50 / 1e6,
            hours: (seconds?.expected ?? 0) / 3600,
            setUpHours: kind === "here" ? 0 : rentConstants.setUpHours,
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
 * The choice beside its alternative: the cheapest place where the choice is quicker than that, else the place that
 * saves time at the lowest price for an hour.
 */
function tradeOffOf(
  best: Candidate,
  candidates: readonly Candidate[],
  places: readonly PlaceEstimate[],
  { costOfDelayUsdPerHour }: Patience,
): TradeOff | null {
  const runUsd = ({ at }: Candidate): number => (places[at]?.runUsd.expected ?? 0) / 1e6;
  const wait = ({ hours, setUpHours }: Candidate): number => hours + setUpHours;
  const perHour = (cheaper: Candidate, quicker: Candidate): number =>
    (runUsd(quicker) - runUsd(cheaper)) / (cheaper.hours - quicker.hours);
  const pair = (cheaper: Candidate, quicker: Candidate): TradeOff => ({
    cheaper: cheaper.at,
    quicker: quicker.at,
    usdPerHourSaved: usd(perHour(cheaper, quicker)),
    costOfDelayUsdPerHour: usd(costOfDelayUsdPerHour),
  });
  const cheapest = least(
    candidates.filter((one) => runUsd(one) < runUsd(best) && wait(one) > wait(best)),
    runUsd,
  );
  if (cheapest) return pair(cheapest, best);
  const quicker = least(
    candidates.filter((one) => wait(one) < wait(best) && runUsd(one) > runUsd(best)),
    (one) => perHour(best, one),
  );
  return quicker ? pair(best, quicker) : null;
}

function least<Item>(items: readonly Item[], size: (item: Item) => number): Item | undefined {
  const [first, ...rest] = items;
  return first && rest.reduce((found, item) => (size(item) < size(found) ? item : found), first);
}
