/**
 * @file What this month will have cost, and whether budgets will hold: what was spent so far, and a forecast of the
 * rest from the days before.
 */

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
  historyDaysLeast,
  historyDaysMost,
  type SpendingHistory,
} from "../../guard/index.ts";
import type { RunAtWork } from "./alive-runs.ts";
import type { DailyCosts, ReadDailyCosts } from "./daily-costs.ts";

/** A sum at the end of a period, in micro-dollars: four of five outcomes lie between `low` and `high`. */
export interface PeriodForecast {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** When a budget without an end is spent, in milliseconds since 1970; `null`: not within a year. */
export interface SpentBy {
  readonly early: number | null;
  readonly median: number | null;
  readonly late: number | null;
}

/** A budget, and whether it will hold. */
export interface BudgetOutlook extends BudgetStanding {
  /** Of a month; `null` for a budget without an end, and where nothing can be said. */
  readonly forecast: PeriodForecast | null;
  /** Probability that the month's costs reach it; `null` as for `forecast`. */
  readonly chanceOver: number | null;
  /** Of a budget without an end; `null` where nothing can be said. */
  readonly spentBy: SpentBy | null;
  /** Whole days that this rests on. */
  readonly days: number;
}

/** See the file. */
export interface CostOutlook {
  /** When the month ends. */
  readonly monthEndMs: number;
  /** What the month has cost so far. */
  readonly spentMicroUsd: number;
  /** What it will have cost; `null`: there are too few days to say. */
  readonly forecast: PeriodForecast | null;
  /** Whole days that the forecast rests on, and how many it takes. */
  readonly days: number;
  readonly daysLeast: number;
  readonly budgets: readonly BudgetOutlook[];
}

/** What an outlook is made of. */
export interface OutlookRequest {
  readonly nowMs: number;
  readonly readDailyCosts: ReadDailyCosts;
  readonly atWork: readonly RunAtWork[];
  /** Projects to look at; `null`: all, and what they share. */
  readonly among: ProjectsAmong | null;
}

/** Forecasts this month's costs and those of each budget. */
export async function forecastCosts(
  database: Database,
  { nowMs, readDailyCosts, atWork, among }: OutlookRequest,
): Promise<CostOutlook> {
  const today = Math.floor(nowMs / dayMs);
  const month = monthOf(nowMs);
  const costs = await readDailyCosts(Math.min(today - historyDaysMost, month.firstDay), nowMs);
  const starts = await readProjectStarts(database, among);
  const past = (projects: ReadonlySet<number>): Past =>
    pastOf(costs, atWork, {
      ...{ projects, nowMs, today, monthDay: month.firstDay },
      createdMs: Math.min(...[...projects].map((project) => starts.get(project) ?? 0)),
    });
  const all = past(new Set(starts.keys()));
  const budgets = await readBudgets(database, nowMs, among);
  const forecast = forecastSpending(all.history, month.endDay - today - 1);
  return {
    monthEndMs: month.endDay * dayMs,
    spentMicroUsd: all.monthMicroUsd,
    forecast: forecast && sumWith(all.monthMicroUsd, forecast),
    ...{ days: all.history.days.length, daysLeast: historyDaysLeast },
    budgets: budgets.map((budget) => {
      const { history } = budget.project === null ? all : past(new Set([budget.project]));
      return budgetOutlook(budget, history, { today, endDay: month.endDay });
    }),
  };
}

/** Days of a calendar month in UTC, since 1970. */
function monthOf(ms: number): { readonly firstDay: number; readonly endDay: number } {
  const now = new Date(ms);
  const dayOf = (month: number): number => Date.UTC(now.getUTCFullYear(), month) / dayMs;
  return { firstDay: dayOf(now.getUTCMonth()), endDay: dayOf(now.getUTCMonth() + 1) };
}

interface Past {
  readonly history: SpendingHistory;
  readonly monthMicroUsd: number;
}

/** What some projects cost on the days before, and what of them is at work. */
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
  // the first day is none: it began somewhere in the middle
  const begun = Math.min(earliest, Math.max(costs.firstDay ?? today, Math.floor(createdMs / dayMs)));
  const first = Math.max(today - historyDaysMost, begun + 1);
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
