/** @file Forecasts as text: the month's spend, budgets, and savings from refused duplicates. */

import { countOf, type Usd, usdText } from "@tunewise/core/quantity";
import type { BudgetOutlook, CostOutlook, CostReport, PeriodForecast } from "../../app/tracking/index.ts";
import { plain } from "./terminal.ts";

/** Sentences about this month, each budget, and refused duplicates; empty if there are none. */
export function outlookText({ outlook, refused }: Pick<CostReport, "outlook" | "refused">): string {
  const saved = refused.reduce((sum, { microUsd }) => sum + microUsd, 0);
  return [
    ...(outlook === null ? [] : [monthText(outlook), ...outlook.budgets.map(budgetText)]),
    ...(refused.length === 0
      ? []
      : [`${countOf(refused.length, "duplicate")} refused, which saved at least ${usdText(saved as Usd)}`]),
  ].join("\n");
}

function monthText({ spentMicroUsd, forecast, days, minDays }: CostOutlook): string {
  const soFar = `this month ${usdText(spentMicroUsd as Usd)} so far`;
  if (forecast === null)
    return `${soFar}; no forecast: it takes ${minDays} whole days with costs on three of them, and there are ${days}`;
  return `${soFar}, forecast ${forecastText(forecast)}, from ${countOf(days, "day")}`;
}

/** Text of a forecast; the interval contains four of five outcomes. */
function forecastText({ low, median, high }: PeriodForecast): string {
  const [lowest, middle, highest] = [low, median, high].map((sum) => usdText(sum as Usd));
  return `${middle} (${lowest} to ${highest})`;
}

function budgetText(budget: BudgetOutlook): string {
  const { projectName, period, microUsd, forecast, chanceOver, spentBy, days } = budget;
  const whose = projectName === null ? "all projects" : plain(projectName);
  const name = `budget of ${usdText(microUsd as Usd)} for ${whose}, ${period}:`;
  if (forecast !== null && chanceOver !== null)
    return `${name} forecast ${forecastText(forecast)}, reached with a probability of ${chanceText(chanceOver)}`;
  if (spentBy === null) return `${name} too few days for a forecast (${days})`;
  const day = (ms: number | null): string =>
    ms === null ? "later than in a year" : new Date(ms).toISOString().slice(0, 10);
  return `${name} spent by ${day(spentBy.median)} (${day(spentBy.early)} to ${day(spentBy.late)})`;
}

/** Text of a probability, which is a share of a thousand simulated futures. */
function chanceText(share: number): string {
  if (share < 0.01) return "less than 1 %";
  return share > 0.99 ? "more than 99 %" : `${Math.round(100 * share)} %`;
}
