/** @file Forecasts as text. */
import type { Reply } from "../../data/api.ts";
import { dayText, forecastText } from "../../format.ts";

/** A budget and its forecast. */
export type BudgetOutlook = Reply<"/api/tunewise/v1/money/outlook", "get">["outlook"]["budgets"][number];

/** A probability, as a share of a thousand simulated paths: 46 %, < 1 %. */
export function chanceText(share: number): string {
  if (share < 0.01) return "< 1 %";
  if (share > 0.99) return "> 99 %";
  return `${Math.round(100 * share)} %`;
}

/** Project and period of a budget. */
export function budgetName({ project_name, period }: BudgetOutlook): string {
  return `${project_name ?? "all projects"}, ${period}`;
}

/** The forecast of a budget as text. */
export function budgetText({ forecast, chance_over, spent_by, days }: BudgetOutlook): string {
  if (forecast !== null && chance_over !== null)
    return `forecast ${forecastText(forecast)}; reached with a probability of ${chanceText(chance_over)}`;
  if (spent_by === null) return `too few days for a forecast (${days})`;
  const { early, median, late } = spent_by;
  if (median === null) return "will probably last for more than a year";
  return `spent by ${dayText(median)} [${dayText(early ?? median)} to ${late === null ? "later than in a year" : dayText(late)}]`;
}
