/** @file The cap of a run: parsed, formatted, and checked against the plan. */
import { durationText, fineMoneyText } from "../../format.ts";
import type { ShownPlan } from "./shown.ts";

/** A cap in dollars, or in seconds on a machine without a price; neither: no cap. */
export type RunCap = ShownPlan["cap"];

/** Text for the input field: dollars or minutes. */
export function capNumber({ micro_usd: microUsd, seconds }: RunCap): string {
  if (microUsd === null) return String((seconds ?? 0) / 60);
  return microUsd % 10_000 === 0 ? (microUsd / 1e6).toFixed(2) : String(microUsd / 1e6);
}

/** Text for display. */
export function capText(cap: RunCap): string {
  return cap.micro_usd === null ? durationText(cap.seconds) : `$${capNumber(cap)}`;
}

/** Parses typed text; `null`: not a valid cap. */
export function capFrom(typed: string, isMoney: boolean): RunCap | null {
  const text = typed.trim().replace(/^\$\s*/, "");
  const number = /^\d*[.]?\d+$|^\d+[.]$/.test(text) ? Number(text) : Number.NaN;
  const whole = isMoney ? Math.round(number * 1e6) : number * 60;
  if (!(whole > 0) || whole > (isMoney ? 1e13 : 1e9)) return null;
  return isMoney ? { micro_usd: whole, seconds: null } : { micro_usd: null, seconds: whole };
}

/**
 * Describes what a cap does not cover of the plan on this machine; `null`: it covers everything, or there is no cap.
 */
export function clashOf({ places: [here] }: ShownPlan, cap: RunCap): string | null {
  if (!here) return null;
  const { run_micro_usd: run, seconds, total } = here;
  if (cap.micro_usd === null) {
    if (cap.seconds === null || seconds === null || cap.seconds >= seconds.high) return null;
    const cut =
      cap.seconds < seconds.expected ? "The run is stopped before its end" : "A slow run is stopped";
    return `${cut}: it takes ${durationText(seconds.expected)}, at most ${durationText(seconds.high)}.`;
  }
  if (cap.micro_usd < run.high) {
    const cut = cap.micro_usd < run.expected ? "The run is stopped before its end" : "A slow run is stopped";
    return `${cut}: it costs ${fineMoneyText(run.expected)}, at most ${fineMoneyText(run.high)}.`;
  }
  if (total === null || cap.micro_usd >= total.p50) return null;
  return (
    `It covers one run, and not all of it (BUDGET_BELOW_TOTAL): with seeds and trials that costs P50 ` +
    `${fineMoneyText(total.p50)}, P90 ${fineMoneyText(total.p90)}.`
  );
}
