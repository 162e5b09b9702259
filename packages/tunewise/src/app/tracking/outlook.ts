/** @file Forecasts this month's cost and whether budgets will hold, from the spending so far and the previous days. */

import type { DailyCosts, ReadDailyCosts } from "@tunewise/tracker";
import {
  type BudgetStanding,
  type Database,
  dayMs,
  type ProjectsAmong,
  readBudgets,
  readProjectStarts,
} from "@tunewise/tracker";
import {
  type AliveSpending,
  chanceOfReaching,
  forecastExhaustion,
  forecastSpending,
  maxHistoryDays,
  minHistoryDays,
  type SpendingHistory,
} from "../../guard/index.ts";
import type { RunAtWork } from "./alive-runs.ts";

/** Total at the end of a period, in micro-dollars. Four of five outcomes lie between `low` and `high`. */
export interface PeriodForecast {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** When a budget in total is spent, in milliseconds since 1970; `null` if not within a year. */
export interface SpentBy {
  readonly early: number | null;
  readonly median: number | null;
  readonly late: number | null;
}

/** A budget, and whether it will hold. */
export interface BudgetOutlook extends BudgetStanding {
  /** Forecast for a monthly budget; `null` for a budget in total, or if there is too little data. */
  readonly forecast: PeriodForecast | null;
  /** Probability that the month's costs reach the budget; `null` as for `forecast`. */
  readonly chanceOver: number | null;
  /** When a budget in total is spent; `null` for a monthly budget, or if there is too little data. */
  readonly spentBy: SpentBy | null;
  /** Number of whole days that the forecast uses. */
  readonly days: number;
}

/** The cost outlook. */
export interface CostOutlook {
  /** End of the month. */
  readonly monthEndMs: number;
  /** Cost of the month so far. */
  readonly spentMicroUsd: number;
  /** Forecast for the whole month; `null` if there are too few days of data. */
  readonly forecast: PeriodForecast | null;
  /** Number of whole days that the forecast uses, and the minimum it needs. */
  readonly days: number;
  readonly minDays: number;
  readonly budgets: readonly BudgetOutlook[];
}

/** Inputs of an outlook. */
export interface OutlookRequest {
  readonly nowMs: number;
  readonly readDailyCosts: ReadDailyCosts;
  readonly atWork: readonly RunAtWork[];
  /** Projects to include; `null` for all, with the budgets they share. */
  readonly among: ProjectsAmong | null;
}

/** Forecasts this month's costs, and the outcome of each budget. */
export async function forecastCosts(
  database: Database,
  { nowMs, readDailyCosts, atWork, among }: OutlookRequest,
): Promise<CostOutlook> {
  const today = Math.floor(nowMs / dayMs);
  const month = monthOf(nowMs);
  const costs = await readDailyCosts(Math.min(today - maxHistoryDays, month.firstDay), nowMs);
  const starts = await readProjectStarts(database, among);
  const past = (projects: ReadonlySet<number>): Past =>
    pastOf(costs, atWork, {
      projects,
      nowMs,
      today,
      monthDay: month.firstDay,
      createdMs: Math.min(...[...projects].map((project) => starts.get(project) ?? 0)),
    });
  const all = past(new Set(starts.keys()));
  const budgets = await readBudgets(database, nowMs, among);
  const forecast = forecastSpending(all.history, month.endDay - today - 1);
  return {
    monthEndMs: month.endDay * dayMs,
    spentMicroUsd: all.monthMicroUsd,
    forecast: forecast && sumWith(all.monthMicroUsd, forecast),
    days: all.history.days.length,
    minDays: minHistoryDays,
    budgets: budgets.map((budget) => {
      const { history } = budget.project === null ? all : past(new Set([budget.project]));
      return budgetOutlook(budget, history, { today, endDay: month.endDay });
    }),
  };
}

/** First day of a calendar month and of the next one, in UTC days since 1970. */
function monthOf(ms: number): { readonly firstDay: number; readonly endDay: number } {
  const now = new Date(ms);
  const dayOf = (month: number): number => Date.UTC(now.getUTCFullYear(), month) / dayMs;
  return { firstDay: dayOf(now.getUTCMonth()), endDay: dayOf(now.getUTCMonth() + 1) };
}

interface Past {
  readonly history: SpendingHistory;
  readonly monthMicroUsd: number;
}

/** Past daily costs of some projects, and their active runs. */
function pastOf(
  costs: DailyCosts,
  atWork: readonly RunAtWork[],
  {
    projects,
    nowMs,
    today,
    monthDay,
    createdMs,
  }: {
    readonly projects: ReadonlySet<number>;
    readonly nowMs: number;
    readonly today: number;
    readonly monthDay: number;
    readonly createdMs: number;
  },
): Past {
  const own = costs.days.filter(({ project }) => projects.has(project));
  const earliest = own.reduce((first, { day }) => Math.min(first, day), today);
  // excludes the first day, because it is incomplete
  const begun = Math.min(earliest, Math.max(costs.firstDay ?? today, Math.floor(createdMs / dayMs)));
  const first = Math.max(today - maxHistoryDays, begun + 1);
  const days = new Array<number>(Math.max(0, today - first)).fill(0);
  for (const { day, microUsd } of own) {
    if (day >= first && day < today) days[day - first] = (days[day - first] ?? 0) + microUsd;
  }
  const alive = atWork
    .filter(({ project }) => projects.has(project))
    .flatMap((run) => aliveSpending(run, nowMs));
  const monthMicroUsd = own.reduce((sum, { day, microUsd }) => sum + (day >= monthDay ? microUsd : 0), 0);
  return { history: { days, todayShare: (nowMs - today * dayMs) / dayMs, alive }, monthMicroUsd };
}

function aliveSpending(
  { microUsdPerHour, startedMs, capMicroUsd, spentMicroUsd }: RunAtWork,
  nowMs: number,
): AliveSpending[] {
  if (microUsdPerHour === null) return [];
  return [
    {
      microUsdPerHour,
      ageHours: Math.max(0, nowMs - startedMs) / 3_600_000,
      leftMicroUsd: capMicroUsd === null ? null : Math.max(0, capMicroUsd - spentMicroUsd),
    },
  ];
}

function sumWith(spent: number, { low, median, high }: PeriodForecast): PeriodForecast {
  return { low: spent + low, median: spent + median, high: spent + high };
}

function budgetOutlook(
  budget: BudgetStanding,
  history: SpendingHistory,
  { today, endDay }: { readonly today: number; readonly endDay: number },
): BudgetOutlook {
  const { microUsd, spentMicroUsd, period } = budget;
  const none = { forecast: null, chanceOver: null, spentBy: null, days: history.days.length };
  if (period === "month") {
    const rest = forecastSpending(history, endDay - today - 1);
    if (rest === null) return { ...budget, ...none };
    const chanceOver = chanceOfReaching(rest, microUsd - spentMicroUsd);
    return { ...budget, ...none, forecast: sumWith(spentMicroUsd, rest), chanceOver };
  }
  const ends = forecastExhaustion(history, microUsd - spentMicroUsd);
  if (ends === null) return { ...budget, ...none };
  const at = (day: number | null): number | null => (day === null ? null : (today + day) * dayMs);
  const spentBy = { early: at(ends.early), median: at(ends.median), late: at(ends.late) };
  return { ...budget, ...none, spentBy };
}
