/**
 * @file Project roles as rows, and a member's effective permissions: the member's own role, else the member default.
 */

import type { Reader, Transaction } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";
import type { SqlPart } from "../database/search.ts";
import { problem } from "../problem/index.ts";
import { findProject } from "../tracking/projects.ts";
import { recordAudit } from "./audit.ts";
import { type Grant, type MemberDefault, memberDefaults, type ProjectRole, projectRoles } from "./types.ts";
import { neededUser } from "./users.ts";

/** Grants a user a role in a project, replacing any existing role. @throws {TunewiseError} `USER_NOT_FOUND` */
export async function putGrant(
  transaction: Transaction,
  { project, user, role }: { readonly project: number; readonly user: string; readonly role: ProjectRole },
): Promise<void> {
  const { number } = await neededUser(transaction, user);
  await transaction.run(
    `INSERT INTO grants (project, person, role) VALUES (?, ?, ?)
     ON CONFLICT (person, project) DO UPDATE SET role = excluded.role`,
    ...[project, number, role],
  );
}

/**
 * Revokes a user's role in a project.
 *
 * @throws {TunewiseError} `USER_NOT_FOUND`; `GRANT_NOT_FOUND` if the user has no role there
 */
export async function dropGrant(
  transaction: Transaction,
  { project, user }: { readonly project: number; readonly user: string },
): Promise<void> {
  const { number } = await neededUser(transaction, user);
  const dropped = await transaction.run(
    "DELETE FROM grants WHERE project = ? AND person = ?",
    project,
    number,
  );
  if (dropped > 0) return;
  const name = (await findProject(transaction, { number: project }))?.name ?? String(project);
  throw problem("GRANT_NOT_FOUND", { user, project: name });
}

/** Makes the creator of a project its admin. Does nothing if the store has no user of that name. */
export async function grantMaker(
  transaction: Transaction,
  project: { readonly number: number; readonly name: string },
  { name, ms }: { readonly name: string; readonly ms: number },
): Promise<void> {
  const granted = await transaction.run(
    "INSERT INTO grants (project, person, role) SELECT ?, number, 'admin' FROM users WHERE name = ?",
    project.number,
    name,
  );
  if (granted === 0) return;
  const about = {
    action: "project-granted",
    subject: project.name,
    detail: `admin to ${name}, who made it`,
  } as const;
  await recordAudit(transaction, { ...about, ms, person: name });
}

/** Project roles, ordered by project and user; `project` limits them to one project. */
export async function listGrants(reader: Reader, project: number | null): Promise<Grant[]> {
  const [where, values] = project === null ? ["", []] : ["WHERE grants.project = ? ", [project]];
  const rows = await reader.all(
    `SELECT projects.number, projects.name, users.name AS user_name, grants.role FROM grants
     JOIN projects ON projects.number = grants.project JOIN users ON users.number = grants.person
     ${where}ORDER BY projects.name, users.name`,
    ...values,
  );
  return rows.map((row) => ({
    project: { number: Number(row["number"]), name: String(row["name"]) },
    user: String(row["user_name"]),
    role: roleFrom(row["role"]) ?? "read",
  }));
}

/** The permission of members in projects where they have no role; `none` until an admin sets it. */
export async function readMemberDefault(reader: Reader): Promise<MemberDefault> {
  const [row] = await reader.all("SELECT value FROM access_settings WHERE name = 'member-default'");
  return memberDefaults.find((word) => word === row?.["value"]) ?? "none";
}

/** Sets the member default. */
export async function keepMemberDefault(transaction: Transaction, value: MemberDefault): Promise<void> {
  await transaction.run(
    `INSERT INTO access_settings (name, value) VALUES ('member-default', ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    value,
  );
}

/** A stored role, or `null` if the word is not a role. */
function roleFrom(word: unknown): ProjectRole | null {
  return projectRoles.find((role) => role === word) ?? null;
}

/** A member's roles in projects. Project numbers that do not exist are missing from the result. */
export async function readRoles(
  reader: Reader,
  user: number,
  projects: readonly number[],
): Promise<ReadonlyMap<number, ProjectRole | "none">> {
  const usual = await readMemberDefault(reader);
  const rows = await readAmong(
    reader,
    projects,
    (among) => `SELECT projects.number, grants.role FROM projects
       LEFT JOIN grants ON grants.project = projects.number AND grants.person = ?
       WHERE projects.number IN (${among})`,
    [user],
  );
  return new Map(rows.map((row) => [Number(row["number"]), roleFrom(row["role"]) ?? usual]));
}

/** The SQL condition, on a column of project numbers, for projects that a member may read; `null`: all of them. */
export async function readableProjects(
  reader: Reader,
  user: number,
  column: string,
): Promise<SqlPart | null> {
  if ((await readMemberDefault(reader)) !== "none") return null;
  return { sql: `${column} IN (SELECT project FROM grants WHERE person = ?)`, values: [user] };
}

/** Whether a member may write in any project. */
export async function writesSomewhere(reader: Reader, user: number): Promise<boolean> {
  if ((await readMemberDefault(reader)) === "write") return true;
  const sql = "SELECT 1 FROM grants WHERE person = ? AND role IN ('write', 'admin') LIMIT 1";
  return (await reader.all(sql, user)).length > 0;
}

/** Whether a role includes another one. */
export function includesRole(role: ProjectRole | MemberDefault, needed: ProjectRole): boolean {
  return role !== "none" && projectRoles.indexOf(role) >= projectRoles.indexOf(needed);
}

const tables = { run: "runs", model: "logged_models", trace: "traces" } as const;
/** Projects by the ids of their runs, logged models or traces, deleted ones included. Unknown ids are missing. */
export async function readProjectsOf(
  reader: Reader,
  kind: keyof typeof tables,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const there = kind === "trace" ? "" : "stage IN ('active', 'deleted') AND";
  const sql = (among: string): string =>
    `SELECT id, project FROM ${tables[kind]} WHERE ${there} id IN (${among})`;
  const rows = await readAmong(reader, ids, sql);
  return new Map(rows.map((row) => [String(row["id"]), Number(row["project"])]));
}

/**
 * Projects of the runs and logged models behind the versions of a registered model.
 *
 * @param version limits the result to one version; `null`: all versions
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
