/** @file `tunewise cost budget list`: shared budgets of projects, per month or in total, and what remains of them. */

import { parseBudget, shownAmount, type Usd, usdText } from "@tunewise/core/quantity";
import { recordAudit } from "../access/audit.ts";
import type { Database, Transaction } from "../database/database.ts";
import { withDatabase } from "../named-store.ts";
import { problem } from "../problem/index.ts";
import type { StoreHost } from "../store-host.ts";
import { findProject, openProject } from "../tracking/projects.ts";
import { createWriter } from "../tracking/writer.ts";
import { type BudgetPeriod, type BudgetStanding, dropBudget, readBudgets, setBudget } from "./budgets.ts";

/** Identifies a budget. */
export interface BudgetName {
  /** `null` for all projects together. */
  readonly project: string | null;
  readonly period: BudgetPeriod;
}

/** Store of the budgets, and the person who changes them. */
export interface BudgetActor {
  readonly store?: string;
  /** Name in the audit log, such as `cli:ada`. */
  readonly by: string;
}

/** Returns all budgets of a store with their spending. */
export function listBudgets(
  store: string | undefined,
  runtime: Pick<StoreHost, "cwd" | "now">,
): Promise<BudgetStanding[]> {
  return withDatabase(store, runtime, (database) => readBudgets(database, runtime.now().getTime()));
}

/**
 * Sets a budget. Creates its project if it is missing.
 *
 * @param amount such as `500usd`
 * @throws {TunewiseError} `BUDGET_INVALID`
 */
export async function setSharedBudget(
  { project, period }: BudgetName,
  amount: string,
  { store, by }: BudgetActor,
  runtime: Pick<StoreHost, "cwd" | "now">,
): Promise<BudgetStanding[]> {
  const microUsd = parseAmount(amount);
  return withDatabase(store, runtime, async (database) => {
    const nowMs = runtime.now().getTime();
    await createWriter(database)(async (transaction) => {
      const number = project === null ? null : (await openProject(transaction, project, nowMs)).number;
      await setBudget(transaction, { project: number, period, microUsd });
      await auditBudget(transaction, { project, period }, by, nowMs, usdText(microUsd as Usd));
    });
    return readBudgets(database, nowMs);
  });
}

/** Removes a budget. @throws {TunewiseError} `PROJECT_NOT_FOUND`, `BUDGET_MISSING` */
export function dropSharedBudget(
  { project, period }: BudgetName,
  { store, by }: BudgetActor,
  runtime: Pick<StoreHost, "cwd" | "now">,
): Promise<BudgetStanding[]> {
  return withDatabase(store, runtime, async (database) => {
    const nowMs = runtime.now().getTime();
    const number = project === null ? null : await projectNumber(database, project);
    await createWriter(database)(async (transaction) => {
      const dropped = await dropBudget(transaction, { project: number, period });
      if (!dropped) throw problem("BUDGET_MISSING", { whose: whoseBudget(project), period });
      await auditBudget(transaction, { project, period }, by, nowMs, "dropped");
    });
    return readBudgets(database, nowMs);
  });
}

async function auditBudget(
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
 * Parses an amount in the format of `tunewise exec --budget` to micro-dollars.
 *
 * @throws {TunewiseError} `BUDGET_INVALID`
 */
export function parseAmount(amount: string): number {
  const money = parseBudget(amount);
  if (money === null) throw problem("BUDGET_INVALID", { found: shownAmount(amount) });
  return money;
}
