/** @file Which projects things belong to, asked for before anything else about them. */
import type { Reader } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";

const tables = { run: "runs", model: "logged_models" } as const;
/** Projects by ids of runs or of logged models, deleted ones too; an id that nothing has is missing. */
export async function readProjectsOf(
  reader: Reader,
  kind: keyof typeof tables,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const sql = (among: string): string => `SELECT id, project FROM ${tables[kind]} WHERE id IN (${among})`;
  const rows = await readAmong(reader, ids, sql);
  return new Map(rows.map((row) => [String(row["id"]), Number(row["project"])]));
}

/**
 * Projects whose runs and models a name of the registry was made from.
 *
 * @param version of one version alone; `null`: of all
 */
export async function readProjectsOfVersions(
  reader: Reader,
  name: string,
  version: number | null,
): Promise<number[]> {
  const part = (table: string, column: string): string =>
    `SELECT s.project FROM model_versions v JOIN registered_models m ON m.number = v.model
     JOIN ${table} s ON s.id = v.${column} WHERE m.name = ?${version === null ? "" : " AND v.version = ?"}`;
  const values = version === null ? [name] : [name, version];
  const rows = await reader.all(
    `${part("runs", "run")} UNION ${part("logged_models", "logged_model")} ORDER BY 1`,
    ...[...values, ...values],
  );
  return rows.map((row) => Number(row["project"]));
}
