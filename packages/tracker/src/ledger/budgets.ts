/** @file Budgets of projects, and budgets shared by all projects. */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull, textOrNull } from "../database/rows.ts";
import type { ProjectsAmong } from "./spend.ts";

/** A budget covers a calendar month in UTC, or all time. */
export type BudgetPeriod = "month" | "total";

/** A spending limit. Money is in micro-dollars. */
export interface Budget {
  /** `null`: all projects together. */
  readonly project: number | null;
  readonly period: BudgetPeriod;
  readonly microUsd: number;
}

/** A budget and what has been spent of it. */
export interface BudgetStanding extends Budget {
  readonly projectName: string | null;
  readonly spentMicroUsd: number;
}

/** Sets a budget, replacing the one of the same project and period. */
export async function setBudget(transaction: Transaction, budget: Budget): Promise<void> {
  await dropBudget(transaction, budget);
  const sql = "INSERT INTO budgets (project, period, micro_usd) VALUES (?, ?, ?)";
  await transaction.run(sql, budget.project, budget.period, budget.microUsd);
}

/** Deletes a budget. Returns whether it existed. */
export async function dropBudget(
  transaction: Transaction,
  { project, period }: Pick<Budget, "project" | "period">,
): Promise<boolean> {
  const sql = "DELETE FROM budgets WHERE coalesce(project, -1) = ? AND period = ?";
  return (await transaction.run(sql, project ?? -1, period)) > 0;
}

/**
 * All budgets, with what has been spent of them at an instant.
 *
 * @param among the projects to include; `null`: all projects and the shared budgets
 */
export async function readBudgets(
  reader: Reader,
  nowMs: number,
  among: ProjectsAmong | null = null,
): Promise<BudgetStanding[]> {
  const where = among ? `WHERE budgets.project IN (SELECT number FROM projects WHERE ${among.sql})` : "";
  const rows = await reader.all(
    `${select} ${where} ORDER BY projects.name, period`,
    ...(among?.values ?? []),
  );
  return withSpending(reader, rows, nowMs);
}

/**
 * The budgets that apply to a project's runs.
 *
 * @param project `null` for a project that does not exist yet
 */
export async function budgetsOf(
  reader: Reader,
  project: number | null,
  nowMs: number,
): Promise<BudgetStanding[]> {
  const sql = `${select} WHERE budgets.project = ? OR budgets.project IS NULL ORDER BY budgets.number`;
  return withSpending(reader, await reader.all(sql, project ?? -1), nowMs);
}

const select = `SELECT budgets.*, projects.name AS project_name FROM budgets
  LEFT JOIN projects ON projects.number = budgets.project`;

async function withSpending(
  reader: Reader,
  rows: readonly SqlRow[],
  nowMs: number,
): Promise<BudgetStanding[]> {
  const states: BudgetStanding[] = [];
  for (const row of rows) {
    const project = numberOrNull(row, "project");
    const period = row["period"] === "month" ? "month" : "total";
    const since = period === "month" ? monthStart(nowMs) : 0;
    const sum =
      project === null
        ? await reader.all("SELECT sum(micro_usd) AS spent FROM spend WHERE ms >= ?", since)
        : await reader.all(
            `SELECT sum(micro_usd) AS spent FROM spend
             WHERE ms >= ? AND run IN (SELECT number FROM runs WHERE project = ?)`,
            ...[since, project],
          );
    states.push({
      project,
      period,
      microUsd: Number(row["micro_usd"]),
      projectName: textOrNull(row, "project_name"),
      spentMicroUsd: Number(sum[0]?.["spent"] ?? 0),
    });
  }
  return states;
}

function monthStart(ms: number): number {
  const day = new Date(ms);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth());
}
