/**
 * @file The summary above the runs on Home: this month's cost, the budget closest to its limit, current costs, refused
 * duplicates, and runs that need attention.
 */
import {
  createKeptAnswers,
  type MonthStanding,
  type ProjectsAmong,
  readMonth,
  readRefusals,
} from "@tunewise/tracker";
import { type BudgetOutlook, forecastCosts, type PeriodForecast } from "../tracking/index.ts";
import { readAlive } from "./alive.ts";
import type { MoneyContext } from "./money.ts";
import { listOpenMatters, type ShownMatters } from "./needs-attention.ts";

/** The Home summary. Money is in micro-dollars. */
export interface HomeSummary {
  readonly month: MonthStanding;
  /** Forecast for the whole month; `null` if there are too few days of data. */
  readonly forecast: PeriodForecast | null;
  /** The budget with the largest spent share; `null` if there are no budgets. */
  readonly budget: BudgetOutlook | null;
  /** `silent` is the number of these runs that have not reported recently. */
  readonly alive: { readonly count: number; readonly silent: number; readonly microUsdPerHour: number };
  /** Duplicates refused this month. */
  readonly refused: { readonly count: number; readonly microUsd: number };
  readonly matters: ShownMatters;
}

/** Creates a reader that caches its answers until the store changes. */
export function createHome(context: MoneyContext): (readable: ProjectsAmong | null) => Promise<HomeSummary> {
  const { database, now } = context;
  const read = (readable: ProjectsAmong | null): Promise<HomeSummary> => readHome(context, readable, now());
  return createKeptAnswers({ database, now, read });
}

async function readHome(
  context: MoneyContext,
  readable: ProjectsAmong | null,
  nowMs: number,
): Promise<HomeSummary> {
  const { database, readDailyCosts, readMachines } = context;
  const {
    runs,
    machines,
    microUsdPerHour,
    silentRuns: silent,
  } = await readAlive(context, readMachines, readable);
  const request = { nowMs, readDailyCosts, atWork: runs, among: readable };
  const { forecast, budgets } = await forecastCosts(database, request);
  const refused = await readRefusals(database, monthStart(nowMs), readable);
  const share = ({ microUsd, spentMicroUsd }: BudgetOutlook): number => spentMicroUsd / Math.max(1, microUsd);
  const rented = new Set(machines.flatMap(({ run }) => run ?? []));
  return {
    month: await readMonth(database, nowMs, readable),
    forecast,
    budget: [...budgets].sort((a, b) => share(b) - share(a))[0] ?? null,
    alive: {
      count: machines.length + runs.filter(({ id }) => !rented.has(id)).length,
      silent,
      microUsdPerHour,
    },
    refused: {
      count: refused.length,
      microUsd: refused.reduce((sum, { microUsd }) => sum + microUsd, 0),
    },
    matters: await listOpenMatters(database, nowMs, readable),
  };
}

/** Start of the calendar month in UTC. */
export function monthStart(ms: number): number {
  const now = new Date(ms);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
}
