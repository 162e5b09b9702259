/** @file That nobody has searched the rate, what a search would take, and the command. */
import type { Plan } from "../../../plan/index.ts";
import { countOf } from "../../../quantity/index.ts";
import { briefMoney, briefTime } from "./ranges.ts";

/** One sentence; empty where the rate was searched, or the run does not fit here. */
export function searchLine({ searchOutlook: outlook, places }: Plan): string {
  if (!outlook || places[0]?.fits === "no") return "";
  const { trials, seconds, usd, timesRun, rangeTest } = outlook;
  const price = usd.expected > 0 ? `${briefMoney(usd.expected)}, ` : "";
  const test = rangeTest
    ? `, ${briefTime(rangeTest.seconds)} more with a range test of ${countOf(rangeTest.steps, "step")}`
    : "";
  return (
    `the rate was never searched for this model and these rows: ${countOf(trials, "trial")} take about ` +
    `${price}${briefTime(seconds.expected)} here, ${timesRun.toFixed(1)} x one run${test}: tunewise search --dry-run`
  );
}
