/**
 * @file What Home says above the runs, in one answer: this month, the budget that is closest to its end, what is alive,
 * what was refused, what needs somebody.
 */
import { type ProjectsAmong, readRefusals } from "@tunewise/tracker";
import {
  type BudgetOutlook,
  createKeptAnswers,
  forecastCosts,
  type MonthStanding,
  type PeriodForecast,
  readMonth,
} from "../tracking/index.ts";
import { readAlive } from "./alive.ts";
import type { MoneyContext } from "./money.ts";
import { listOpenMatters, type ShownMatters } from "./open-matters.ts";

/** See the file. Money is in micro-dollars. */
export interface HomeSummary {
  readonly month: MonthStanding;
  /** What the month will have cost; `null`: there are too few days to say. */
  readonly forecast: PeriodForecast | null;
  /** The budget of which most is spent; `null`: there is none. */
  readonly budget: BudgetOutlook | null;
  /** `silent`: of the runs among them, those that were not heard of lately. */
  readonly alive: { readonly count: number; readonly silent: number; readonly microUsdPerHour: number };
  /** Duplicates that were refused this month. */
  readonly refused: { readonly count: number; readonly microUsd: number };
  readonly matters: ShownMatters;
}

/** A reader that answers again what it answered, as long as nothing in the store has changed. */
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

/** The first instant of the calendar month, in UTC. */
export function monthStart(ms: number): number {
  const now = new Date(ms);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
}
