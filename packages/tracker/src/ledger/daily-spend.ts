/** @file Daily cost per project, summed by the database so that ledger entries are not transferred. */
import type { Reader } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import { dayMs } from "./day.ts";
import type { ProjectsAmong } from "./spend.ts";

/** What a project cost on a day. */
export interface DaySpend {
  readonly project: number;
  /** Days since 1970, UTC. */
  readonly day: number;
  readonly microUsd: number;
}

/** Sums from `fromDay` up to and excluding `toDay`, unordered; days without costs are omitted. */
export async function readDailySpend(reader: Reader, fromDay: number, toDay: number): Promise<DaySpend[]> {
  const sql = `SELECT runs.project, sums.day, sum(sums.spent) AS spent FROM
      (SELECT run, ms / ${dayMs} AS day, sum(micro_usd) AS spent FROM spend WHERE ms >= ? AND ms < ? GROUP BY 1, 2) sums
    JOIN runs ON runs.number = sums.run GROUP BY 1, 2`;
  return (await reader.all(sql, fromDay * dayMs, toDay * dayMs)).map((row) => ({
    project: Number(row["project"]),
    day: Number(row["day"]),
    microUsd: Number(row["spent"]),
  }));
}

/** Time of the earliest ledger entry; `null`: the ledger is empty. */
export async function readLedgerStart(reader: Reader): Promise<number | null> {
  const [row] = await reader.all("SELECT min(ms) AS first FROM spend");
  return row ? numberOrNull(row, "first") : null;
}

/**
 * Creation times of projects by their numbers, in milliseconds since 1970.
 *
 * @param among projects to include; `null`: all
 */
export async function readProjectStarts(
  reader: Reader,
  among: ProjectsAmong | null,
): Promise<ReadonlyMap<number, number>> {
  const where = among ? `WHERE ${among.sql}` : "";
  const rows = await reader.all(`SELECT number, created_ms FROM projects ${where}`, ...(among?.values ?? []));
  return new Map(rows.map((row) => [Number(row["number"]), Number(row["created_ms"])]));
}
