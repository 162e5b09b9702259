/** @file What Money shows beside the sums of the ledger: forecasts, what is alive, refusals, and how well plans did. */
import { type ProjectsAmong, type Refusal, readRefusals, recordStore } from "@tunewise/tracker";
import type { ErrorSummary, PlanAccuracy, PlannedAndActual } from "../plan/index.ts";
import type { ReadAliveMachines } from "../rented/index.ts";
import { type CostOutlook, createDailyCosts, forecastCosts, type ReadDailyCosts } from "../tracking/index.ts";
import { type Alive, readAlive, type ShownRun } from "./alive.ts";
import { type Some, some } from "./bounds.ts";
import type { DashboardContext } from "./dashboard-context.ts";

/** What is kept between questions about money. */
export interface MoneyContext extends DashboardContext {
  readonly readDailyCosts: ReadDailyCosts;
  /** `null`: rented machines are recorded elsewhere. */
  readonly readMachines: ReadAliveMachines | null;
}

/** A context for a server. */
export function createMoneyContext(context: DashboardContext): MoneyContext {
  return {
    ...context,
    readDailyCosts: createDailyCosts(context.database),
    readMachines: context.output === null ? null : machinesOf(context.output),
  };
}

/** Renting knows of much that a server rarely needs: it is loaded when somebody asks. */
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

/** See the file. */
export interface MoneyOutlook {
  readonly outlook: CostOutlook;
  /** With the runs that are shown, of all that its figures count. */
  readonly alive: Omit<Alive, "runs"> & { readonly runs: Some<ShownRun> };
  readonly refused: RefusedRuns;
}

const refusalsMost = 100;
const runsShown = 500;

/**
 * Looks ahead and around, in projects that may be read.
 *
 * @param sinceMs refusals from here on
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
      ...some(refused, refusalsMost),
      microUsd: refused.reduce((sum, { microUsd }) => sum + microUsd, 0),
    },
  };
}

/** A run against its plan, as it is shown. */
export interface ShownAccuracy {
  readonly id: string;
  readonly seconds: ShownOutcome;
  readonly microUsd: ShownOutcome | null;
  readonly memoryBytes: ShownOutcome | null;
}

/** What was planned and what it came to. */
export interface ShownOutcome {
  readonly low: number;
  readonly p50: number;
  readonly p90: number;
  readonly actual: number;
  /** planned / actual - 1 */
  readonly error: number;
  readonly isInside: boolean;
}

/** How well plans did. */
export interface AccuracyOfPlans {
  readonly runs: Some<ShownAccuracy>;
  readonly seconds: ErrorSummary | null;
  readonly microUsd: ErrorSummary | null;
  readonly memoryBytes: ErrorSummary | null;
}

const accuracyRunsMost = 50;
/** Runs whose plans are kept: a completed run and its plan do not change. */
const plansKept = 2_000;

/** A reader of what `tunewise plan --accuracy` says, of runs that may be read. */
export function createPlanAccuracy({
  database,
  output,
}: DashboardContext): (readable: ProjectsAmong | null) => Promise<AccuracyOfPlans> {
  const kept = new Map<string, PlanAccuracy | null>();
  return async (readable) => {
    const { accuracyOf, planRunsMost, summarizeAccuracy } = await import("../plan/index.ts");
    const query = { status: "completed", limit: planRunsMost, among: readable } as const;
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
      runs: some(found.map(shownAccuracy), accuracyRunsMost),
      ...{ seconds: wall, microUsd: cost, memoryBytes: memory },
    };
  };
}

function shownAccuracy({ runId, wall, cost, memory }: PlanAccuracy): ShownAccuracy {
  return {
    ...{ id: runId, seconds: shownOutcome(wall) },
    microUsd: cost && shownOutcome(cost),
    memoryBytes: memory && shownOutcome(memory),
  };
}

/** A range's ends stand for the planned P50 and P90. */
function shownOutcome({ planned, actual, error, isInside }: PlannedAndActual<number>): ShownOutcome {
  const { low, expected: p50, high: p90 } = planned;
  return { low, p50, p90, actual, error, isInside };
}
