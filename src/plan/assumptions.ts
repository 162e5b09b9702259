/** @file The recipe's assumptions as a table with their origins, and as inputs of the simulation. */
import { dollars, usd } from "../quantity/index.ts";
import { defaultPlan, type Recipe } from "../recipe/index.ts";
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
    ...{ seeds, trials, trialShare, failureRate, retrainsPerYear, outcomes, seed },
    dataUsd: usd(plan.dataUsd),
    baselinesUsd: usd(plan.baselines && tried ? dollars(tried.usd) : 0),
    storageUsd: usd((runs * storedBytes * plan.storageMonths * plan.storageUsdPerGbMonth) / 1e9),
    hostingUsd: usd(plan.hostingMonths * hoursPerMonth * plan.hostingUsdPerHour),
  };
}

/** Lists the assumptions that affect cost, with value and origin. */
export function listAssumptions({ plan }: Recipe): Assumption[] {
  const keys = [
    ["plan.stack", "stack"],
    ["plan.seeds", "seeds"],
    ["plan.trials", "trials"],
    ["plan.trial_share", "trialShare"],
    ["plan.failure_rate", "failureRate"],
    ["plan.smoke_steps", "smokeSteps"],
    ["plan.retrains_per_year", "retrainsPerYear"],
    ["plan.cost_of_delay_usd_per_hour", "costOfDelayUsdPerHour"],
    ["plan.data_usd", "dataUsd"],
    ["plan.baselines", "baselines"],
    ["plan.storage_months", "storageMonths"],
    ["plan.storage_usd_per_gb_month", "storageUsdPerGbMonth"],
    ["plan.hosting_months", "hostingMonths"],
    ["plan.hosting_usd_per_hour", "hostingUsdPerHour"],
  ] as const;
  return keys.map(([key, name]) => ({
    key,
    value: plan[name],
    origin: plan[name] === defaultPlan[name] ? "assumed" : "recipe",
  }));
}
