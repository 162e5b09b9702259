/**
 * @file Roles in projects as rows, and what a member may do: a role of one's own counts, else the default of members.
 */

import type { Reader, Transaction } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";
import type { SqlPart } from "../database/search.ts";
import { problem } from "../problem/index.ts";
import { findProject } from "../tracking/projects.ts";
import { recordAudit } from "./audit.ts";
import { type Grant, type MemberDefault, memberDefaults, type ProjectRole, projectRoles } from "./nouns.ts";
import { neededUser } from "./users.ts";

/** Gives a person a role in a project, in place of the one that was there. @throws {TunewiseError} `USER_NOT_FOUND` */
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
 * Takes a person's role in a project away.
 *
 * @throws {TunewiseError} `USER_NOT_FOUND`; `GRANT_NOT_FOUND` where there is none
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

/** Whoever makes a project is its admin. Where the store knows nobody of that name, nobody becomes it. */
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

/** Roles in projects, by project and person; of one project where one is named. */
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

/** What members may do in projects in which they have no role; nothing, until somebody decides otherwise. */
export async function readMemberDefault(reader: Reader): Promise<MemberDefault> {
  const [row] = await reader.all("SELECT value FROM access_settings WHERE name = 'member-default'");
  return memberDefaults.find((word) => word === row?.["value"]) ?? "none";
}

/** Decides it. */
export async function keepMemberDefault(transaction: Transaction, value: MemberDefault): Promise<void> {
  await transaction.run(
    `INSERT INTO access_settings (name, value) VALUES ('member-default', ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    value,
  );
}

/** A role that is kept, or `null` for a word that is none. */
function roleFrom(word: unknown): ProjectRole | null {
  return projectRoles.find((role) => role === word) ?? null;
}

/** Roles of a member in projects; a number that no project has is not among the answers. */
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

/** The condition that projects fulfil which a member may read, on a column of their numbers; `null`: all do. */
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
/** Projects by ids of runs, logged models or traces, deleted ones too; an id that nothing has is missing. */
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
