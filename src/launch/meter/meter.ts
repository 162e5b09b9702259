/** @file Decisions from a meter: the cost so far, compared with the cap. Pure. */
import { budgetWarnShare } from "../../guard/index.ts";
import { MeteredTime, type Usd } from "../../quantity/index.ts";

/** What decides about a run's money. */
export interface Meter {
  readonly rateUsdPerHour: Usd;
  /** `null`: no cap. */
  readonly capUsd: Usd | null;
  /** Milliseconds metered so far, by all supervisors of the run together. */
  readonly meteredMs: number;
}

/** Money of the time so far. */
export function spentUsd({ rateUsdPerHour, meteredMs }: Meter): Usd {
  return MeteredTime.ofSeconds(rateUsdPerHour, meteredMs / 1000).spent;
}

/** `stop` at the cap, `warn` from 80 % of it on. */
export function judgeMeter(meter: Meter): "go-on" | "warn" | "stop" {
  if (meter.capUsd === null) return "go-on";
  const spent = spentUsd(meter);
  if (spent >= meter.capUsd) return "stop";
  return spent >= budgetWarnShare * meter.capUsd ? "warn" : "go-on";
}

/** Milliseconds until a share of the cap is reached; infinite where it never is. */
export function msUntilShare({ rateUsdPerHour, capUsd, meteredMs }: Meter, share: number): number {
  if (capUsd === null || rateUsdPerHour === 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, ((share * capUsd) / rateUsdPerHour) * 3_600_000 - meteredMs);
}

/** Money beyond the cap: what saving and ending took. */
export function overshootUsd(meter: Meter): Usd {
  const over = meter.capUsd === null ? 0 : spentUsd(meter) - meter.capUsd;
  return Math.max(0, over) as Usd;
}
