/** @file Grants, revokes and lists roles in projects. Every change is audited. */

import type { Reader } from "../database/database.ts";
import { problem } from "../problem/index.ts";
import { findProject, listProjects } from "../tracking/projects.ts";
import type { Project } from "../tracking/types.ts";
import { recordAudit } from "./audit.ts";
import { dropGrant, keepMemberDefault, listGrants, putGrant, readMemberDefault } from "./grants.ts";
import { type AccessHost, type AccessRequest, changeAccess, readAccess } from "./open-access.ts";
import type { Grant, MemberDefault, ProjectRole } from "./types.ts";

/** A project and its roles. */
export interface ListedProject {
  readonly number: number;
  readonly name: string;
  readonly roles: readonly Pick<Grant, "user" | "role">[];
}

/** Projects with their roles, and the default role of members. */
export interface ProjectRoles {
  readonly memberDefault: MemberDefault;
  readonly projects: readonly ListedProject[];
}

/** Maximum number of projects in a list. */
const maxProjects = 10_000;

/** Grants a user a role in a project. @throws {TunewiseError} `PROJECT_NOT_FOUND`, `USER_NOT_FOUND`, `STORE_ABSENT` */
export async function grantRole(
  request: AccessRequest & { readonly project: string; readonly user: string; readonly role: ProjectRole },
  host: AccessHost,
): Promise<{ readonly project: string }> {
  const { user, role } = request;
  return changeAccess(request, host, async ({ transaction, audit }) => {
    const { number, name } = await requireProject(transaction, request.project);
    await putGrant(transaction, { project: number, user, role });
    const detail = `${role} to ${user}`;
    await recordAudit(transaction, { ...audit, action: "project-granted", subject: name, detail });
    return { project: name };
  });
}

/**
 * Revokes a user's role in a project.
 *
 * @throws {TunewiseError} `PROJECT_NOT_FOUND`, `USER_NOT_FOUND`, `GRANT_NOT_FOUND`, `STORE_ABSENT`
 */
export async function revokeRole(
  request: AccessRequest & { readonly project: string; readonly user: string },
  host: AccessHost,
): Promise<{ readonly project: string }> {
  const { user } = request;
  return changeAccess(request, host, async ({ transaction, audit }) => {
    const { number, name } = await requireProject(transaction, request.project);
    await dropGrant(transaction, { project: number, user });
    const detail = `from ${user}`;
    await recordAudit(transaction, { ...audit, action: "project-revoked", subject: name, detail });
    return { project: name };
  });
}

/** Sets the default role of members in projects where they have none. @throws {TunewiseError} `STORE_ABSENT` */
export async function changeMemberDefault(
  request: AccessRequest & { readonly role: MemberDefault },
  host: AccessHost,
): Promise<void> {
  const { role } = request;
  await changeAccess(request, host, async ({ transaction, audit }) => {
    const before = await readMemberDefault(transaction);
    await keepMemberDefault(transaction, role);
    const about = { action: "member-default-changed", subject: "all projects" } as const;
    await recordAudit(transaction, { ...audit, ...about, detail: `${before} to ${role}` });
  });
}

/**
 * Returns all projects with their roles, or only the named one.
 *
 * @throws {TunewiseError} `PROJECT_NOT_FOUND`, `STORE_ABSENT`
 */
export async function listRoles(
  request: AccessRequest & { readonly project: string | null },
  host: AccessHost,
): Promise<ProjectRoles> {
  return readAccess(request, host, async (database) => {
    const one = request.project === null ? null : await requireProject(database, request.project);
    const all = { stages: ["active"], conditions: [], limit: maxProjects, offset: 0 } as const;
    const projects = one
      ? [one]
      : await listProjects(database, { ...all, order: [{ column: "name", ascending: true }] });
    const roles = new Map<number, Pick<Grant, "user" | "role">[]>();
    for (const { project, user, role } of await listGrants(database, one?.number ?? null)) {
      roles.set(project.number, [...(roles.get(project.number) ?? []), { user, role }]);
    }
    return {
      memberDefault: await readMemberDefault(database),
      projects: projects.map(({ number, name }) => ({ number, name, roles: roles.get(number) ?? [] })),
    };
  });
}

/** Finds a project by name, or by number if no project has that name. */
async function requireProject(reader: Reader, word: string): Promise<Project> {
  const named = await findProject(reader, { name: word });
  const found =
    named ?? (/^\d{1,15}$/.test(word) ? await findProject(reader, { number: Number(word) }) : null);
  if (!found) throw problem("PROJECT_NOT_FOUND", { project: word.slice(0, 100) });
  return found;
}
