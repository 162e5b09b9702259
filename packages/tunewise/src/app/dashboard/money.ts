/** @file The Money page beyond the ledger's totals: forecasts, current costs, refusals, and plan accuracy. */
import {
  createDailyCosts,
  type ProjectsAmong,
  type ReadDailyCosts,
  type Refusal,
  readRefusals,
  recordStore,
} from "@tunewise/tracker";
import type { ErrorSummary, PlanAccuracy, PlannedAndActual } from "../plan/index.ts";
import type { ReadAliveMachines } from "../rented/index.ts";
import { type CostOutlook, forecastCosts } from "../tracking/index.ts";
import { type Alive, readAlive, type ShownRun } from "./alive.ts";
import { type Some, some } from "./bounds.ts";
import type { DashboardContext } from "./dashboard-context.ts";

/** Context with the caches for money requests. */
export interface MoneyContext extends DashboardContext {
  readonly readDailyCosts: ReadDailyCosts;
  /** `null` if rented machines are recorded elsewhere. */
  readonly readMachines: ReadAliveMachines | null;
}

/** Creates the context for a server. */
export function createMoneyContext(context: DashboardContext): MoneyContext {
  return {
    ...context,
    readDailyCosts: createDailyCosts(context.database),
    readMachines: context.output === null ? null : machinesOf(context.output),
  };
}

/** Loads the module for rented machines on first use, because it is large and a server rarely needs it. */
function machinesOf(output: string): ReadAliveMachines {
  let reader: Promise<ReadAliveMachines> | null = null;
  const load = async (): Promise<ReadAliveMachines> =>
    (await import("../rented/index.ts")).createAliveMachines(output);
  return async (nowMs) => {
    reader ??= load();
    return (await reader)(nowMs);
  };
}

/** Refused duplicates. */
export interface RefusedRuns extends Some<Refusal> {
  readonly microUsd: number;
}

/** Outlook of the Money page. */
export interface MoneyOutlook {
  readonly outlook: CostOutlook;
  /** Lists only some of the runs, while its figures count all of them. */
  readonly alive: Omit<Alive, "runs"> & { readonly runs: Some<ShownRun> };
  readonly refused: RefusedRuns;
}

const maxRefusals = 100;
const runsShown = 500;

/**
 * Reads the outlook for readable projects.
 *
 * @param sinceMs start of the period for refusals
 */
export async function readMoneyOutlook(
  context: MoneyContext,
  sinceMs: number,
  readable: ProjectsAmong | null,
): Promise<MoneyOutlook> {
  const { database, now, readDailyCosts, readMachines } = context;
  const alive = await readAlive(context, readMachines, readable);
  const request = { nowMs: now(), readDailyCosts, atWork: alive.runs, among: readable };
  const refused = await readRefusals(database, sinceMs, readable);
  return {
    outlook: await forecastCosts(database, request),
    alive: { ...alive, runs: some(alive.runs, runsShown) },
    refused: {
      ...some(refused, maxRefusals),
      microUsd: refused.reduce((sum, { microUsd }) => sum + microUsd, 0),
    },
  };
}

/** A run's plan compared with its outcome, for display. */
export interface ShownAccuracy {
  readonly id: string;
  readonly seconds: ShownOutcome;
  readonly microUsd: ShownOutcome | null;
  readonly memoryBytes: ShownOutcome | null;
}

/** A planned and an actual value. */
export interface ShownOutcome {
  readonly low: number;
  readonly p50: number;
  readonly p90: number;
  readonly actual: number;
  /** planned / actual - 1 */
  readonly error: number;
  readonly isInside: boolean;
}

/** Accuracy of plans. */
export interface AccuracyOfPlans {
  readonly runs: Some<ShownAccuracy>;
  readonly seconds: ErrorSummary | null;
  readonly microUsd: ErrorSummary | null;
  readonly memoryBytes: ErrorSummary | null;
}

const maxAccuracyRuns = 50;
/** Maximum number of runs whose accuracy is cached. A completed run and its plan never change. */
const plansKept = 2_000;

/** Creates a reader that returns the result of `tunewise plan --accuracy` for readable runs. */
export function createPlanAccuracy({
  database,
  output,
}: DashboardContext): (readable: ProjectsAmong | null) => Promise<AccuracyOfPlans> {
  const kept = new Map<string, PlanAccuracy | null>();
  return async (readable) => {
    const { accuracyOf, maxPlanRuns, summarizeAccuracy } = await import("../plan/index.ts");
    const query = { status: "completed", limit: maxPlanRuns, among: readable } as const;
    const runs = output === null ? [] : await recordStore(database).listRuns(query);
    const judged: (PlanAccuracy | null)[] = [];
    for (const run of runs) {
      const key = `${run.id} ${run.wallSeconds} ${run.spentMicroUsd}`;
      if (!kept.has(key)) {
        if (kept.size >= plansKept) kept.clear();
        kept.set(key, await accuracyOf(run, output ?? ""));
      }
      judged.push(kept.get(key) ?? null);
    }
    const { runs: found, wall, cost, memory } = summarizeAccuracy(judged);
    return {
      runs: some(found.map(shownAccuracy), maxAccuracyRuns),
      seconds: wall,
      microUsd: cost,
      memoryBytes: memory,
    };
  };
}

function shownAccuracy({ runId, wall, cost, memory }: PlanAccuracy): ShownAccuracy {
  return {
    id: runId,
    seconds: shownOutcome(wall),
    microUsd: cost && shownOutcome(cost),
    memoryBytes: memory && shownOutcome(memory),
  };
}

/** The planned range contains P50 as `expected` and P90 as `high`. */
function shownOutcome({ planned, actual, error, isInside }: PlannedAndActual<number>): ShownOutcome {
  const { low, expected: p50, high: p90 } = planned;
  return { low, p50, p90, actual, error, isInside };
}
