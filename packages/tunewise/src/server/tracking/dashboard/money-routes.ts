/** @file Routes of the page's Money view (spend and forecast) and of the summary on Home. */

import { spendingDayMs } from "@tunewise/tracker";
import { fieldsRoute, type JsonSchema, type Route } from "@tunewise/tracker/http";
import { z } from "zod";
import {
  createHome,
  createMoneyContext,
  createPlanAccuracy,
  type DashboardContext,
  readMoneyOutlook,
} from "../../../app/dashboard/index.ts";
import { bool, int, list, named, number, oneOf, orNull, record, text } from "./schema.ts";
import { snakeKeys } from "./wire.ts";

const some = (items: JsonSchema): Readonly<Record<string, JsonSchema>> => ({
  items: list(items),
  total: int,
});
const forecast = orNull(named("CostForecast"));
const errors = orNull(record({ count: int, median: number, worst: number, inside: number }));

/** Shapes by name. Money is in millionths of a dollar, times are milliseconds since 1970. */
export const moneyShapes: Readonly<Record<string, JsonSchema>> = {
  CostForecast: record({ low: int, median: int, high: int }),
  BudgetOutlook: record({
    project: orNull(int),
    project_name: orNull(text),
    period: oneOf("month", "total"),
    micro_usd: int,
    spent_micro_usd: int,
    forecast,
    chance_over: orNull(number),
    days: int,
    spent_by: orNull(record({ early: orNull(int), median: orNull(int), late: orNull(int) })),
  }),
  CostOutlook: record({
    month_end_ms: int,
    spent_micro_usd: int,
    forecast,
    days: int,
    min_days: int,
    budgets: list(named("BudgetOutlook")),
  }),
  RunAtWork: record({
    id: text,
    name: text,
    project: int,
    project_name: text,
    person: text,
    started_ms: int,
    seen_ms: int,
    micro_usd_per_hour: orNull(int),
    spent_micro_usd: int,
    cap_micro_usd: orNull(int),
    lease_ends_ms: orNull(int),
  }),
  AliveMachine: record({
    name: text,
    provider: text,
    offer: text,
    run: orNull(text),
    since_ms: int,
    seen_ms: orNull(int),
    micro_usd_per_hour: int,
    spent_micro_usd: int,
    cap_micro_usd: int,
    worst_micro_usd: int,
    lease_ends_ms: orNull(int),
    is_ending: bool,
  }),
  Alive: record({
    runs: record(some(named("RunAtWork"))),
    machines: list(named("AliveMachine")),
    micro_usd_per_hour: int,
    unpriced_runs: int,
    silent_runs: int,
  }),
  RefusedRun: record({
    ms: int,
    person: text,
    earlier: text,
    earlier_name: text,
    project_name: text,
    micro_usd: int,
  }),
  MoneyOutlook: record({
    outlook: named("CostOutlook"),
    alive: named("Alive"),
    refused: record({ ...some(named("RefusedRun")), micro_usd: int }),
  }),
  OpenMatter: record({
    id: text,
    name: text,
    project_name: text,
    sentence: text,
    ms: int,
    spent_micro_usd: int,
    kind: oneOf("failed", "stopped", "finding", "repeated", "undecided"),
  }),
  HomeSummary: record({
    month: record({ micro_usd: int, runs: int, wasted_micro_usd: int, wasted_runs: int }),
    forecast,
    budget: orNull(named("BudgetOutlook")),
    alive: record({ count: int, silent: int, micro_usd_per_hour: int }),
    refused: record({ count: int, micro_usd: int }),
    matters: record(some(named("OpenMatter"))),
  }),
  PlannedOutcome: record({
    low: number,
    p50: number,
    p90: number,
    actual: number,
    error: number,
    is_inside: bool,
  }),
  PlanAccuracy: record({
    runs: record(
      some(
        record({
          id: text,
          seconds: named("PlannedOutcome"),
          micro_usd: orNull(named("PlannedOutcome")),
          memory_bytes: orNull(named("PlannedOutcome")),
        }),
      ),
    ),
    seconds: errors,
    micro_usd: errors,
    memory_bytes: errors,
  }),
};

const nothing = z.object({});
const outlookFields: z.ZodType<{ readonly since?: string | undefined }> = z.object({
  since: z.string().max(10).optional(),
});

/**
 * The routes.
 *
 * @throws {TunewiseError} `SPEND_DAY_INVALID`, from a handler
 */
export function moneyRoutes(dashboard: DashboardContext): Route[] {
  const context = createMoneyContext(dashboard);
  const [readHome, readAccuracy] = [createHome(context), createPlanAccuracy(context)];
  const base = { method: "GET", policy: "read", about: "readable", maxBodyBytes: 0 } as const;
  return [
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/home",
      reads: nothing,
      gives: named("HomeSummary"),
      summary:
        "Get the summary for the home view, for readable projects: this month's cost, waste and forecast; the budget with the highest share spent; the hourly cost of active runs and machines; duplicates refused this month; and runs of the last 14 days that need attention. To remove a run from `matters`, set its tag `tunewise.seen` to its `ms`.",
      handle: async (_, { scope }) => ({ status: 200, body: snakeKeys(await readHome(scope.readable)) }),
    }),
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/money/outlook",
      reads: outlookFields,
      gives: named("MoneyOutlook"),
      summary:
        "Get the forecast of this month and of each budget, active costs and refused duplicates. Forecasts are 80 % intervals, with the number of days they are based on. Active costs: running runs and rented machines not confirmed as terminated, with hourly cost, cap and end of lease. Refused duplicates since a given day have the cost of the earlier runs.",
      handle: async ({ since }, { scope }) => {
        const sinceMs = since === undefined ? 0 : spendingDayMs(since);
        return { status: 200, body: snakeKeys(await readMoneyOutlook(context, sinceMs, scope.readable)) };
      },
    }),
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/money/accuracy",
      reads: nothing,
      gives: named("PlanAccuracy"),
      summary:
        "Compare planned with actual time, cost and memory of the last 200 completed tunewise runs, as `tunewise plan --accuracy` does. Excludes resumed runs and runs whose folder is not on this server.",
      handle: async (_, { scope }) => ({ status: 200, body: snakeKeys(await readAccuracy(scope.readable)) }),
    }),
  ];
}
