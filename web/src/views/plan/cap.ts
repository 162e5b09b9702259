/** @file What a run may take at most: as it is typed, as it is shown, and what of the plan it does not cover. */
import { durationText, fineMoneyText } from "../../format.ts";
import type { ShownPlan } from "./shown.ts";

/** A cap in dollars, or in time on a machine without a price; neither: no cap. */
export type RunCap = ShownPlan["cap"];

/** As it is typed: dollars, or minutes. */
export function capNumber({ micro_usd: microUsd, seconds }: RunCap): string {
  if (microUsd === null) return String((seconds ?? 0) / 60);
  return microUsd % 10_000 === 0 ? (microUsd / 1e6).toFixed(2) : String(microUsd / 1e6);
}

/** As it is shown. */
export function capText(cap: RunCap): string {
  return cap.micro_usd === null ? durationText(cap.seconds) : `$${capNumber(cap)}`;
}

/** The cap of a typed number; `null`: it is none that a run can have. */
export function capFrom(typed: string, isMoney: boolean): RunCap | null {
  const text = typed.trim().replace(/^\$\s*/, "");
  const number = /^\d*[.]?\d+$|^\d+[.]$/.test(text) ? Number(text) : Number.NaN;
  const whole = isMoney ? Math.round(number * 1e6) : number * 60;
  if (!(whole > 0) || whole > (isMoney ? 1e13 : 1e9)) return null;
  return isMoney ? { micro_usd: whole, seconds: null } : { micro_usd: null, seconds: whole };
}

/** What of the plan a cap does not cover, on this machine; `null`: nothing, or there is no cap. */
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
