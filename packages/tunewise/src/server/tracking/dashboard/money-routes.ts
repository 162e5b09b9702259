/** @file Routes of the page's Money view (spend and forecast) and of the summary on Home. */
import { z } from "zod";
import {
  createHome,
  createMoneyContext,
  createPlanAccuracy,
  type DashboardContext,
  readMoneyOutlook,
} from "../../../app/dashboard/index.ts";
import { spendingDayMs } from "../../../app/tracking/index.ts";
import { fieldsRoute, type JsonSchema, type Route } from "../../http/route.ts";
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
    ...{ project: orNull(int), project_name: orNull(text), period: oneOf("month", "total") },
    ...{ micro_usd: int, spent_micro_usd: int, forecast, chance_over: orNull(number), days: int },
    spent_by: orNull(record({ early: orNull(int), median: orNull(int), late: orNull(int) })),
  }),
  CostOutlook: record({
    ...{ month_end_ms: int, spent_micro_usd: int, forecast, days: int, min_days: int },
    budgets: list(named("BudgetOutlook")),
  }),
  RunAtWork: record({
    ...{ id: text, name: text, project: int, project_name: text, person: text },
    ...{ started_ms: int, seen_ms: int, micro_usd_per_hour: orNull(int) },
    ...{ spent_micro_usd: int, cap_micro_usd: orNull(int), lease_ends_ms: orNull(int) },
  }),
  AliveMachine: record({
    ...{ name: text, provider: text, offer: text, run: orNull(text), since_ms: int, seen_ms: orNull(int) },
    ...{ micro_usd_per_hour: int, spent_micro_usd: int, cap_micro_usd: int, worst_micro_usd: int },
    ...{ lease_ends_ms: orNull(int), is_ending: bool },
  }),
  Alive: record({
    ...{ runs: record(some(named("RunAtWork"))), machines: list(named("AliveMachine")) },
    ...{ micro_usd_per_hour: int, unpriced_runs: int, silent_runs: int },
  }),
  RefusedRun: record({
    ...{ ms: int, person: text, earlier: text, earlier_name: text, project_name: text, micro_usd: int },
  }),
  MoneyOutlook: record({
    ...{ outlook: named("CostOutlook"), alive: named("Alive") },
    refused: record({ ...some(named("RefusedRun")), micro_usd: int }),
  }),
  OpenMatter: record({
    ...{ id: text, name: text, project_name: text, sentence: text, ms: int, spent_micro_usd: int },
    kind: oneOf("failed", "stopped", "finding", "repeated", "undecided"),
  }),
  HomeSummary: record({
    month: record({ micro_usd: int, runs: int, wasted_micro_usd: int, wasted_runs: int }),
    ...{ forecast, budget: orNull(named("BudgetOutlook")) },
    alive: record({ count: int, silent: int, micro_usd_per_hour: int }),
    refused: record({ count: int, micro_usd: int }),
    matters: record(some(named("OpenMatter"))),
  }),
  PlannedOutcome: record({
    ...{ low: number, p50: number, p90: number, actual: number, error: number, is_inside: bool },
  }),
  PlanAccuracy: record({
    runs: record(
      some(
        record({
          ...{ id: text, seconds: named("PlannedOutcome") },
          ...{ micro_usd: orNull(named("PlannedOutcome")), memory_bytes: orNull(named("PlannedOutcome")) },
        }),
      ),
    ),
    ...{ seconds: errors, micro_usd: errors, memory_bytes: errors },
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
      ...{ ...base, path: "/api/tunewise/v1/home", reads: nothing, gives: named("HomeSummary") },
      summary:
        "What Home says above the runs, of projects that may be read: this month's costs, waste and forecast, the budget of which most is spent, what is alive in dollars an hour, duplicates that were refused this month, and runs of the last 14 days that need somebody. A tag `tunewise.seen` whose value is a run's `ms` takes it out of `matters`.",
      handle: async (_, { scope }) => ({ status: 200, body: snakeKeys(await readHome(scope.readable)) }),
    }),
    fieldsRoute({
      ...{ ...base, path: "/api/tunewise/v1/money/outlook", reads: outlookFields },
      gives: named("MoneyOutlook"),
      summary:
        "A forecast of this month and of each budget, an interval that holds four of five outcomes with the days that it rests on; runs at work and rented machines that are not known to be gone, in dollars an hour, with their caps and when leases end; duplicates that were refused since a day, with what the earlier runs have cost.",
      handle: async ({ since }, { scope }) => {
        const sinceMs = since === undefined ? 0 : spendingDayMs(since);
        return { status: 200, body: snakeKeys(await readMoneyOutlook(context, sinceMs, scope.readable)) };
      },
    }),
    fieldsRoute({
      ...{ ...base, path: "/api/tunewise/v1/money/accuracy", reads: nothing, gives: named("PlanAccuracy") },
      summary:
        "Plans of the last 200 completed runs of this engine beside what came of them: time, cost and memory, as `tunewise plan --accuracy` has it. Runs whose folder is not on this server, or that were resumed, are left out.",
      handle: async (_, { scope }) => ({ status: 200, body: snakeKeys(await readAccuracy(scope.readable)) }),
    }),
  ];
}
