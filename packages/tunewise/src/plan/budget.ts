/** @file Checks whether the recipe's caps are sufficient for the expected run. */
import { cost, dollars, type Range, type Seconds, seconds, type Usd, usd } from "@tunewise/core/quantity";
import type { BudgetSection } from "../recipe/index.ts";
import type { BudgetVerdict } from "./plan.ts";

/** Compares the time of a run with the caps; the cap that is reached first applies. */
export function checkPlannedBudget(
  budget: BudgetSection,
  usdPerHour: Usd,
  time: Range<Seconds>,
): BudgetVerdict {
  const capUsd = budget.usd === null ? null : usd(budget.usd);
  const capSeconds = budget.minutes === null ? null : seconds(budget.minutes * 60);
  // A machine without a price never reaches a cap in dollars.
  const byMoney =
    capUsd === null || usdPerHour === 0 ? Number.POSITIVE_INFINITY : (capUsd / usdPerHour) * 3600;
  const allowed = Math.min(byMoney, capSeconds ?? Number.POSITIVE_INFINITY);
  const hasCap = Number.isFinite(allowed);
  return {
    capUsd,
    capSeconds,
    allowedSeconds: hasCap ? seconds(allowed) : null,
    covers: hasCap ? covered(time, allowed) : "no-cap",
    expectedShare: hasCap && allowed > 0 ? time.expected / allowed : null,
    enoughUsd: usd(Math.ceil(dollars(cost(usdPerHour, time.high)) * 100) / 100),
    enoughSeconds: seconds(Math.ceil(time.high / 60) * 60),
  };
}

function covered(time: Range<Seconds>, allowed: number): BudgetVerdict["covers"] {
  if (time.high <= allowed) return "high";
  if (time.expected <= allowed) return "expected";
  return time.low <= allowed ? "low" : "nothing";
}
