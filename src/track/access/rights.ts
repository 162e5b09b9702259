/**
 * @file What a member may do in which projects: a role of one's own counts, else the default of members.
 */
import type { SqlPart } from "../database/comparison.ts";
import type { Reader } from "../database/database.ts";
import { readMemberDefault, roleFrom } from "./grants.ts";
import { type MemberDefault, type ProjectRole, projectRoles } from "./nouns.ts";

/** Marks of one statement. */
const projectsAtOnce = 500;

/** Roles of a member in projects; a number that no project has is not among the answers. */
export async function readRoles(
  reader: Reader,
  user: number,
  projects: readonly number[],
): Promise<ReadonlyMap<number, ProjectRole | "none">> {
  const usual = await readMemberDefault(reader);
  const roles = new Map<number, ProjectRole | "none">();
  for (let from = 0; from < projects.length; from += projectsAtOnce) {
    const some = projects.slice(from, from + projectsAtOnce);
    const rows = await reader.all(
      `SELECT projects.number, grants.role FROM projects
       LEFT JOIN grants ON grants.project = projects.number AND grants.person = ?
       WHERE projects.number IN (${some.map(() => "?").join(", ")})`,
      ...[user, ...some],
    );
    for (const row of rows) roles.set(Number(row["number"]), roleFrom(row["role"]) ?? usual);
  }
  return roles;
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
