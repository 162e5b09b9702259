/** @file Access control: the only module that compares a caller's roles with the subjects of a call. */

import { includesRole, type ProjectRole, type Reader } from "../index.ts";
import { TunewiseError } from "../problem/index.ts";
import {
  type Call,
  type Caller,
  HttpError,
  type Policy,
  type Route,
  type Scope,
  type Subjects,
} from "./route.ts";

/** Refusal code for something that the caller may not see, whether or not it exists. */
export const notVisible = "not_visible";

const noScope: Scope = { projects: [], readable: null };

/**
 * Checks whether a call is allowed, and returns its scope: the projects that a search may cover.
 *
 * Projects, runs and models that do not exist and those that the caller may not see get the same reply, so that names
 * and ids cannot be probed. Everyone can see names of the registry.
 *
 * @throws {HttpError} 403, or 404 for something that the caller may not even see; and the errors of finding the route's
 *   subjects
 */
export async function authorize(
  { policy, about }: Pick<Route, "policy" | "about">,
  fields: never,
  call: Call,
): Promise<Scope> {
  const { caller } = call;
  if (policy === "open") return noScope;
  if (typeof about === "string") {
    if (about === "readable") return { ...noScope, readable: await caller.rights.readable() };
    if (about === "registry") await requireRegistry(caller, policy);
    if (about === "nothing" && policy === "admin" && !caller.isAdmin) throw refusedAdmin(caller);
    return noScope;
  }
  if ("among" in about)
    return {
      ...noScope,
      projects: await allowedAmong(caller, policy, await about.among(fields, call).catch(orHidden(caller))),
    };
  // an admin may do everything, so subjects need no lookup
  if (caller.isAdmin) return noScope;
  if ("all" in about) {
    const subjects = await about.all(fields, call).catch(orHidden(caller));
    await requireSubjects(caller, policy, subjects, undefined, true);
  } else {
    await requireRegistry(caller, policy);
    const subjects = await about.registryAnd(fields, call);
    if (subjects.length > 0) await requireSubjects(caller, policy, subjects);
  }
  return noScope;
}

/**
 * Requires a role in every project of a list.
 *
 * @param reader a transaction, so that its own writes are visible
 * @param hides whether a project that the caller may not see gets the reply for one that does not exist
 * @throws {HttpError} 403, or 404 for a project that does not exist
 */
export async function requireSubjects(
  caller: Caller,
  policy: ProjectRole,
  subjects: Subjects,
  reader?: Reader,
  hides = false,
): Promise<void> {
  if (caller.isAdmin || subjects === "new-project") return;
  if (subjects.length === 0) throw new Error("Internal: a call about no project at all");
  const roles = await caller.rights.rolesIn([...new Set(subjects.map(({ project }) => project))], reader);
  for (const { project, role = policy } of subjects) {
    const own = roles.get(project);
    if (hides && (own === undefined || own === "none")) throw hidden(caller);
    if (own === undefined) throw new HttpError(404, "no_such_project", `There is no project ${project}.`);
    if (!includesRole(own, role)) throw refusedRole(caller, project, role);
  }
}

/** Returns the projects in which the caller has the role. @throws {HttpError} 403 or 404 if none remains */
async function allowedAmong(
  caller: Caller,
  role: Exclude<Policy, "open">,
  projects: readonly number[],
): Promise<readonly number[]> {
  if (caller.isAdmin || projects.length === 0) return projects;
  const roles = await caller.rights.rolesIn(projects);
  const allowed = projects.filter((project) => includesRole(roles.get(project) ?? "none", role));
  if (allowed.length > 0) return allowed;
  const seen = projects.find((project) => includesRole(roles.get(project) ?? "none", "read"));
  throw seen === undefined ? hidden(caller) : refusedRole(caller, seen, role);
}

async function requireRegistry(caller: Caller, policy: ProjectRole): Promise<void> {
  if (policy === "read" || caller.isAdmin || (await caller.rights.writesSomewhere())) return;
  throw new HttpError(
    403,
    "not_allowed",
    `${caller.name} may write in no project, and so not in the registry of models either.`,
    { person: caller.name },
  );
}

/** The refusal for something that the caller may not see, whether or not it exists. */
function hidden({ name }: Caller): HttpError {
  return new HttpError(
    404,
    notVisible,
    `There is nothing of this id or name that ${name} may see. If it exists, the server's operator can allow it: ` +
      `tunewise server role grant PROJECT ${name} read`,
    { person: name },
  );
}

/** Problems of unknown ids. */
const notFound: ReadonlySet<string> = new Set(["RUN_NOT_FOUND", "LOGGED_MODEL_NOT_FOUND", "TRACE_NOT_FOUND"]);

/** Answers an unknown id like one that the caller may not see. @throws {HttpError} 404 */
export function orHidden(caller: Caller): (error: unknown) => never {
  return (error) => {
    const isMissing =
      error instanceof HttpError ? error.status === 404 : TunewiseError.is(error) && notFound.has(error.code);
    throw isMissing && !caller.isAdmin ? hidden(caller) : error;
  };
}

function refusedAdmin({ name }: Caller): HttpError {
  return new HttpError(403, "not_allowed", `${name} is no admin of this server, and this takes one.`, {
    person: name,
  });
}

const verbs: Readonly<Record<ProjectRole, string>> = { read: "read", write: "write to", admin: "manage" };

function refusedRole({ name }: Caller, project: number, role: ProjectRole): HttpError {
  return new HttpError(
    403,
    "not_allowed",
    `${name} may not ${verbs[role]} project ${project}. Whoever runs the server can allow it: ` +
      `tunewise server role grant ${project} ${name} ${role}`,
    { person: name },
  );
}
