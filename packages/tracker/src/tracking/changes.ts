/**
 * @file Runs by their last change, according to the database's clock. Triggers record every change, of any writer.
 */
import type { Reader } from "../database/database.ts";

/** A run that was changed. */
export interface ChangedRun {
  readonly number: number;
  readonly id: string;
  readonly project: number;
  readonly changedMs: number;
}

/** Runs changed since an instant, latest first. */
export async function readChangedRuns(reader: Reader, sinceMs: number, limit: number): Promise<ChangedRun[]> {
  const sql = `SELECT number, id, project, changed_ms FROM runs WHERE changed_ms >= ?
    ORDER BY changed_ms DESC, number LIMIT ?`;
  return (await reader.all(sql, sinceMs, limit)).map((row) => ({
    number: Number(row["number"]),
    id: String(row["id"]),
    project: Number(row["project"]),
    changedMs: Number(row["changed_ms"]),
  }));
}

/** @source sqlite.org/lang_datefunc.html: julianday has millisecond precision; postgresql.org/docs/15, 9.9.5 */
const clocks = {
  sqlite: "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS ms",
  postgres: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms",
};

/** Milliseconds since 1970 by the database's clock, which all writers share. */
export async function databaseClock(reader: Reader): Promise<number> {
  const [row] = await reader.all(clocks[reader.dialect.name]);
  return Number(row?.["ms"]);
}

/** The subset of some projects that satisfy a condition. */
export async function projectsAmong(
  reader: Reader,
  projects: readonly number[],
  condition: { readonly sql: string; readonly values: readonly (string | number | null)[] } | null,
): Promise<ReadonlySet<number>> {
  if (condition === null) return new Set(projects);
  const rows = await reader.all(`SELECT number FROM projects WHERE ${condition.sql}`, ...condition.values);
  const readable = new Set(rows.map(({ number }) => Number(number)));
  return new Set(projects.filter((project) => readable.has(project)));
}
