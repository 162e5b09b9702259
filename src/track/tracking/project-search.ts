/**
 * @file Conditions on projects, from words to SQL, and where the artifacts of many projects lie.
 */
import { type Comparator, compared } from "../database/comparison.ts";
import type { Reader } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import type { ProjectQuery } from "./projects.ts";

/** What a condition on projects looks at. */
export type ProjectField =
  | { readonly of: "project"; readonly column: "name" | "created_ms" | "changed_ms" }
  | { readonly of: "tag"; readonly key: string };

/** A condition; `values` has one value, several for `IN`, none for `IS NULL`. */
export interface ProjectCondition {
  readonly field: ProjectField;
  readonly comparison: Comparator;
  readonly values: readonly (string | number)[];
}

/** A condition as `listProjects` takes it. */
export function projectCondition(
  dialect: Dialect,
  { field, comparison, values }: ProjectCondition,
): ProjectQuery["conditions"][number] {
  if (field.of === "project") return compared(dialect, `projects.${field.column}`, comparison, values);
  const from = "FROM project_tags f WHERE f.project = projects.number AND f.key = ?";
  if (comparison === "IS NULL") return { sql: `NOT EXISTS (SELECT 1 ${from})`, values: [field.key] };
  if (comparison === "IS NOT NULL") return { sql: `EXISTS (SELECT 1 ${from})`, values: [field.key] };
  const inner = compared(dialect, "f.value", comparison, values);
  return { sql: `EXISTS (SELECT 1 ${from} AND ${inner.sql})`, values: [field.key, ...inner.values] };
}

/** Where artifacts lie, of those projects that have a place of their own. */
export async function readArtifactRoots(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const roots = new Map<number, string>();
  for (let from = 0; from < numbers.length; from += numbersAtOnce) {
    const some = numbers.slice(from, from + numbersAtOnce);
    const marks = some.map(() => "?").join(", ");
    const sql = `SELECT number, artifact_root FROM projects WHERE artifact_root IS NOT NULL AND number IN (${marks})`;
    for (const row of await reader.all(sql, ...some)) {
      roots.set(Number(row["number"]), String(row["artifact_root"]));
    }
  }
  return roots;
}

/** Marks of one statement. */
const numbersAtOnce = 500;
