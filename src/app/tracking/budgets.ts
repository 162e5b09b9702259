/**
 * @file `tunewise cost budget list`: what projects may spend in a month or in all, and what is left of it.
 */
import { readBudget } from "../../launch/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { type Usd, usdText } from "../../quantity/index.ts";
import type { Host } from "../../runtime/index.ts";
import {
  type BudgetPeriod,
  type BudgetStanding,
  createWriter,
  type Database,
  dropBudget,
  findProject,
  openProject,
  readBudgets,
  recordAudit,
  setBudget,
  type Transaction,
} from "../../track/index.ts";
import { withDatabase } from "./with-database.ts";

/** Which budget is meant. */
export interface BudgetName {
  /** `null`: all projects together. */
  readonly project: string | null;
  readonly period: BudgetPeriod;
}

/** Who changes budgets, and where. */
export interface BudgetAsker {
  readonly store?: string;
  /** For the audit, such as `cli:ada`. */
  readonly by: string;
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
  { store, by }: BudgetAsker,
  host: Host,
): Promise<BudgetStanding[]> {
  const microUsd = moneyIn(amount);
  return withDatabase(store, host, async (database) => {
    const nowMs = host.now().getTime();
    await createWriter(database)(async (transaction) => {
      const number = project === null ? null : (await openProject(transaction, project, nowMs)).number;
      await setBudget(transaction, { project: number, period, microUsd });
      await note(transaction, { project, period }, by, nowMs, usdText(microUsd as Usd));
    });
    return readBudgets(database, nowMs);
  });
}

/** @throws {TunewiseError} `PROJECT_NOT_FOUND`, `BUDGET_MISSING` */
export function dropSharedBudget(
  { project, period }: BudgetName,
  { store, by }: BudgetAsker,
  host: Host,
): Promise<BudgetStanding[]> {
  return withDatabase(store, host, async (database) => {
    const nowMs = host.now().getTime();
    const number = project === null ? null : await projectNumber(database, project);
    await createWriter(database)(async (transaction) => {
      const dropped = await dropBudget(transaction, { project: number, period });
      if (!dropped) throw problem("BUDGET_MISSING", { whose: whoseBudget(project), period });
      await note(transaction, { project, period }, by, nowMs, "dropped");
    });
    return readBudgets(database, nowMs);
  });
}

async function note(
  transaction: Transaction,
  { project, period }: BudgetName,
  person: string,
  ms: number,
  what: string,
): Promise<void> {
  const detail = `${period}: ${what}`;
  await recordAudit(transaction, {
    ms,
    person,
    action: "budget-changed",
    subject: whoseBudget(project),
    detail,
  });
}

function whoseBudget(project: string | null): string {
  return project === null ? "all projects together" : `project ${project}`;
}

async function projectNumber(database: Database, name: string): Promise<number> {
  const found = await findProject(database, { name });
  if (!found) throw problem("PROJECT_NOT_FOUND", { project: name });
  return found.number;
}

/**
 * The words of `tunewise exec --budget`, under another name.
 *
 * @throws {TunewiseError} `BUDGET_INVALID`
 */
export function moneyIn(amount: string): number {
  try {
    return readBudget(amount);
  } catch (error) {
    if (TunewiseError.is(error)) throw problem("BUDGET_INVALID", { found: String(error.about["found"]) });
    throw error;
  }
}
