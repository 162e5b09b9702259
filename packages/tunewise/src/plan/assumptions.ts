/** @file The recipe's assumptions as a table with their origins, and as inputs of the simulation. */
import { dollars, usd } from "@tunewise/core/quantity";
import { defaultPlan, type Recipe } from "../recipe/index.ts";
import { toSnake } from "./document.ts";
import type { SpendAssumptions } from "./money/assumptions.ts";
import type { Assumption, BaselinePrice } from "./plan.ts";

/** Average hours per month. */
const hoursPerMonth = 730.5;

/** Returns the inputs of the simulation. */
export function spendAssumptions(
  { plan }: Recipe,
  baselines: readonly BaselinePrice[],
  storedBytes: number,
): SpendAssumptions {
  const { seeds, trials, trialShare, failureRate, retrainsPerYear, outcomes, seed } = plan;
  const tried = baselines.at(-1);
  const runs = seeds + trials + retrainsPerYear;
  return {
    seeds,
    trials,
    trialShare,
    failureRate,
    retrainsPerYear,
    outcomes,
    seed,
    dataUsd: usd(plan.dataUsd),
    baselinesUsd: usd(plan.baselines && tried ? dollars(tried.usd) : 0),
    storageUsd: usd((runs * storedBytes * plan.storageMonths * plan.storageUsdPerGbMonth) / 1e9),
    hostingUsd: usd(plan.hostingMonths * hoursPerMonth * plan.hostingUsdPerHour),
  };
}

/** Lists the assumptions that affect cost, with value and origin. */
export function listAssumptions({ plan }: Recipe): Assumption[] {
  const names = [
    ...(["stack", "seeds", "trials", "trialShare", "failureRate", "smokeSteps", "retrainsPerYear"] as const),
    ...(["costOfDelayUsdPerHour", "dataUsd", "baselines", "storageMonths"] as const),
    ...(["storageUsdPerGbMonth", "hostingMonths", "hostingUsdPerHour"] as const),
  ];
  return names.map((name) => ({
    key: `plan.${toSnake(name)}`,
    value: plan[name],
    origin: plan[name] === defaultPlan[name] ? "assumed" : "recipe",
  }));
}
