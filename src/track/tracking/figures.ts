/** @file Runs and money of the whole store, in a few sums. */
import type { Reader } from "../database/database.ts";
import { purposeTag } from "../ledger/spend.ts";

/** Sums over the store. */
export interface StoreFigures {
  /** Runs that are not deleted, by their status. */
  readonly runs: Readonly<Record<string, number>>;
  /** Millionths of a dollar of all runs, by purpose. */
  readonly microUsd: Readonly<Record<"experiment" | "production", number>>;
}

/** Reads the sums. */
export async function readStoreFigures(reader: Reader): Promise<StoreFigures> {
  const counted = await reader.all(
    "SELECT status, COUNT(*) AS runs FROM runs WHERE stage = 'active' GROUP BY status ORDER BY status",
  );
  const spent = await reader.all(
    `SELECT CASE WHEN tags.value = 'production' OR runs.purpose = 'production' THEN 'production' ELSE 'experiment' END
       AS said, SUM(runs.spent_micro_usd) AS spent
     FROM runs LEFT JOIN tags ON tags.run = runs.number AND tags.key = '${purposeTag}'
     WHERE runs.spent_micro_usd > 0 GROUP BY 1`,
  );
  const of = (purpose: string): number => Number(spent.find(({ said }) => said === purpose)?.["spent"] ?? 0);
  return {
    runs: Object.fromEntries(counted.map(({ status, runs }) => [String(status), Number(runs)])),
    microUsd: { experiment: of("experiment"), production: of("production") },
  };
}
