/**
 * @file `tunewise budget`: what projects may spend in a month or in all, and what is left of it.
 */
import { readBudget } from "../../launch/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import {
  type BudgetPeriod,
  type BudgetStanding,
  createWriter,
  type Database,
  dropBudget,
  findProject,
  openProject,
  readBudgets,
  setBudget,
} from "../../track/index.ts";
import type { Host } from "../host.ts";
import { withDatabase } from "./with-database.ts";

/** Which budget is meant. */
export interface BudgetName {
  /** `null`: all projects together. */
  readonly project: string | null;
  readonly period: BudgetPeriod;
}

/** All budgets of a store, with what is spent of them. */
export function listBudgets(store: string | undefined, host: Host): Promise<BudgetStanding[]> {
  return withDatabase(store, host, (database) => readBudgets(database, host.now().getTime()));
}

/**
 * Sets a budget; its project is made where there is none of the name.
 *
 * @param amount such as `500usd`
 * @throws {TunewiseError} `BUDGET_INVALID`
 */
export async function setSharedBudget(
  { project, period }: BudgetName,
  amount: string,
  store: string | undefined,
  host: Host,
): Promise<BudgetStanding[]> {
  const microUsd = moneyIn(amount);
  return withDatabase(store, host, async (database) => {
    const nowMs = host.now().getTime();
    await createWriter(database)(async (transaction) => {
      const number = project === null ? null : (await openProject(transaction, project, nowMs)).number;
      await setBudget(transaction, { project: number, period, microUsd });
    });
    return readBudgets(database, nowMs);
  });
}

/** @throws {TunewiseError} `PROJECT_NOT_FOUND`, `BUDGET_MISSING` */
export function dropSharedBudget(
  { project, period }: BudgetName,
  store: string | undefined,
  host: Host,
): Promise<BudgetStanding[]> {
  return withDatabase(store, host, async (database) => {
    const number = project === null ? null : await projectNumber(database, project);
    const dropped = await createWriter(database)((transaction) =>
      dropBudget(transaction, { project: number, period }),
    );
    const whose = project === null ? "all projects together" : `project ${project}`;
    if (!dropped) throw problem("BUDGET_MISSING", { whose, period });
    return readBudgets(database, host.now().getTime());
  });
}

async function projectNumber(database: Database, name: string): Promise<number> {
  const found = await findProject(database, { name });
  if (!found) throw problem("PROJECT_NOT_FOUND", { name, store: database.path });
  return found.number;
}

/** The words of `tunewise exec --budget`, under another name. */
function moneyIn(amount: string): number {
  try {
    return readBudget(amount);
  } catch (error) {
    if (TunewiseError.is(error)) throw problem("BUDGET_INVALID", { found: String(error.about["found"]) });
    throw error;
  }
}
