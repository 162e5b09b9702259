/**
 * @file Maximum cost of a rented machine, and the deadlines that enforce it. Pure.
 *
 *     created            program runs                              cap spent        lease over
 *     |── starting ───────|── work, each renewal starts the lease ────|── ending ──────|
 *                         |── the machine's own lease: ends after the last renewal ─|
 *                         |── the provider's deadline ─────────────────────────────|
 */

import { cost, type Seconds, seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { problem } from "../../problem/index.ts";
import type { Guarantee, Offer } from "../../provision/index.ts";

/** Minimum part of a lease for saving and for failed renewals, in seconds. */
const minLeaseSeconds = 60;

/** The rental, and its cost limits. */
export interface TermsRequest {
  /** Address of the provider, for messages. */
  readonly address: string;
  readonly offer: Pick<Offer, "id" | "usdPerHour">;
  /** Additional cost of the disk; `null` if unknown. */
  readonly diskUsdPerHour: Usd | null;
  /** The budget; `null` if there is none. */
  readonly capUsd: Usd | null;
  /** Cost of the run's earlier machines. */
  readonly spentUsd: Usd;
  readonly leaseSeconds: Seconds;
  /** The approved worst case; `null` if this call is to determine it. */
  readonly approvedUsd: Usd | null;
}

/** Deadlines and worst case of a machine. */
export interface RentalTerms {
  /** Price of machine and disk together. */
  readonly usdPerHour: Usd;
  readonly machineUsdPerHour: Usd;
  readonly diskUsdPerHour: Usd;
  readonly capUsd: Usd;
  readonly leaseSeconds: Seconds;
  /** Maximum cost of all machines of the run together: the cap plus one lease. */
  readonly worstUsd: Usd;
  /** Time from the machine's creation until the rest of the cap is spent. */
  readonly capSeconds: Seconds;
  /** How long the machine continues without a renewal. */
  readonly machineLeaseSeconds: Seconds;
  /** How long the worker continues without a renewal. The rest of the lease is for saving. */
  readonly workerLeaseSeconds: Seconds;
  /** The provider's deadline, counted from the start of the machine's program. */
  readonly maxSeconds: Seconds;
  readonly startingSeconds: Seconds;
  readonly endingSeconds: Seconds;
  /** Whether the lease ends the machine, and whether the provider's deadline does. */
  readonly endsWithLease: boolean;
  readonly endsInTime: boolean;
  /** Why the guarantee is weaker than possible; empty if it is not. */
  readonly weaknesses: readonly string[];
}

/**
 * Computes the terms of a machine, or refuses.
 *
 * The worst case holds if either deadline works. The controller stops renewing `ending` before the cap is spent, so the
 * machine's lease is over by cap + lease - ending. The provider's deadline counts from the program's start, which is at
 * most `starting` after the creation, and is shorter by that time. Ending takes the remaining time.
 *
 * @throws {TunewiseError} `RENTAL_RATE_UNKNOWN`, `RENTAL_CAP_MISSING`, `RENTAL_CAP_SMALL`, `RENTAL_LEASE_SHORT`,
 *   `RENTAL_ABOVE_APPROVED`
 */
export function termsOf(request: TermsRequest, guarantee: Guarantee): RentalTerms {
  const { address, offer, diskUsdPerHour, capUsd, spentUsd, leaseSeconds } = request;
  const { startingSeconds, endingSeconds } = guarantee;
  if (offer.usdPerHour === null || offer.usdPerHour <= 0 || diskUsdPerHour === null)
    throw problem("RENTAL_RATE_UNKNOWN", { offer: offer.id, address });
  if (capUsd === null) throw problem("RENTAL_CAP_MISSING", { address });
  const minLease = seconds(2 * endingSeconds + minLeaseSeconds);
  if (leaseSeconds < minLease) {
    const texts = { lease: secondsText(leaseSeconds), ending: secondsText(endingSeconds) };
    throw problem("RENTAL_LEASE_SHORT", { ...texts, address, least: minLease });
  }
  const usdPerHour = (offer.usdPerHour + diskUsdPerHour) as Usd;
  const left = Math.max(0, capUsd - spentUsd) as Usd;
  const capSeconds = seconds(Math.floor((left / usdPerHour) * 3600));
  const minSeconds = seconds(startingSeconds + 2 * endingSeconds);
  if (capSeconds < minSeconds) {
    const least = Math.ceil((spentUsd + cost(usdPerHour, minSeconds)) / 1e4 + 1) / 100;
    throw problem("RENTAL_CAP_SMALL", {
      left: usdText(left),
      buys: secondsText(capSeconds),
      offer: offer.id,
      rate: usdText(usdPerHour),
      starting: secondsText(startingSeconds),
      ending: secondsText(endingSeconds),
      least: `${least}usd`,
    });
  }
  const leaseUsd = cost(usdPerHour, leaseSeconds);
  const worstUsd = (capUsd + leaseUsd) as Usd;
  if (request.approvedUsd !== null && worstUsd > request.approvedUsd)
    throw problem("RENTAL_ABOVE_APPROVED", {
      offer: offer.id,
      worst: usdText(worstUsd),
      cap: usdText(capUsd),
      lease: usdText(leaseUsd),
      approved: usdText(request.approvedUsd),
    });
  const machineLeaseSeconds = seconds(leaseSeconds - endingSeconds);
  return {
    usdPerHour,
    machineUsdPerHour: offer.usdPerHour,
    diskUsdPerHour,
    capUsd,
    leaseSeconds,
    worstUsd,
    capSeconds,
    startingSeconds,
    endingSeconds,
    machineLeaseSeconds,
    workerLeaseSeconds: seconds(Math.floor(machineLeaseSeconds / 2)),
    maxSeconds: seconds(capSeconds + leaseSeconds - startingSeconds - endingSeconds),
    endsWithLease: guarantee.endsWithProgram,
    endsInTime: guarantee.endsInTime,
    weaknesses: weaknessesOf(guarantee),
  };
}

function weaknessesOf({ endsWithProgram, endsInTime, isKeptHere, keeper }: Guarantee): string[] {
  return [
    ...(endsWithProgram ? [] : ["a machine whose lease is over is not ended by anybody"]),
    ...(endsInTime ? [] : ["the provider has no deadline of its own"]),
    ...(isKeptHere ? [`${keeper} runs on this computer, and ends no machine when it dies with it`] : []),
  ];
}

/** The guarantee as a sentence, shown before the start. */
export function promiseText(terms: RentalTerms, { keeper }: Guarantee): string {
  const { worstUsd, capUsd, leaseSeconds, usdPerHour, weaknesses } = terms;
  const sum = `${usdText(worstUsd)} (cap ${usdText(capUsd)}, one lease of ${secondsText(leaseSeconds)} at ${usdText(usdPerHour)} an hour)`;
  if (weaknesses.length === 0)
    return `at most ${sum}, even if this computer and its network die, as long as ${keeper} lives`;
  return (
    `at most ${sum} as long as this computer and its network live. The promise is weaker than it could be: ` +
    `${weaknesses.join("; ")}. Then ${usdText(usdPerHour)} an hour are paid until somebody ends the machine`
  );
}
