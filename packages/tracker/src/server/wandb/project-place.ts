/** @file The entity and project that runs and artifacts belong to. */

import { requireSubjects } from "../../http/index.ts";
import {
  defaultEntity,
  findWandbProject,
  grantMaker,
  openWandbProject,
  type Project,
  type Transaction,
} from "../../index.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, idOf, nameOf, textOf } from "./fields.ts";

/** An entity and a project. */
export interface ProjectPlace {
  readonly entity: string;
  readonly project: string;
}

/** Entity and project of arguments; a client that was offline does not know its entity. */
export function placeOf(entity: unknown, project: unknown): ProjectPlace {
  return { entity: textOf(entity) ?? defaultEntity, project: textOf(project) ?? "uncategorized" };
}

/**
 * Entity and project that a mutation names in its fields.
 *
 * @throws {HttpError} for invalid names
 */
export function placeIn(
  fields: Fields,
  projectField: "projectName" | "modelName" = "projectName",
): ProjectPlace {
  const { entity, project } = placeOf(fields["entityName"], fields[projectField]);
  return { entity: nameOf(entity, "entity"), project: nameOf(project, "project") };
}

/** Fields of an entity, for which a client logs. */
export function entityFields(name: string): Fields {
  return {
    id: idOf("Entity", name),
    name,
    isTeam: false,
    organization: null,
    available: true,
    readOnly: false,
    defaultAccess: "PRIVATE",
    entityType: "user",
    photoUrl: null,
    members: [],
    user: null,
  };
}

/** Fields of a person; without users, one person stands for all programs on this machine. */
export function personFields(name: string): Fields {
  const shown = name === "" ? defaultEntity : name;
  return {
    id: idOf("User", shown),
    entity: defaultEntity,
    username: shown,
    name: shown,
    email: "",
    admin: false,
    flags: "{}",
    deletedAt: null,
    apiKeys: { edges: [] },
    teams: { edges: [{ node: entityFields(defaultEntity) }] },
  };
}

/** Fields of a project, without its runs and artifacts. */
export function bareProject({ entity, project }: ProjectPlace, number: number): Fields {
  return {
    id: idOf("Project", number),
    internalId: idOf("Project", number),
    name: project,
    entityName: entity,
    entity: entityFields(entity),
    description: null,
    isBenchmark: false,
    readOnly: false,
    access: "PRIVATE",
    totalSweeps: 0,
    sweeps: { edges: [], totalCount: 0, pageInfo: { endCursor: null, hasNextPage: false } },
    allViews: { edges: [], pageInfo: { endCursor: null, hasNextPage: false } },
    user: personFields(""),
  };
}

/**
 * Opens a project for writing, or creates it with the caller as its admin. Checks the caller's rights again, since
 * another user may have created the project since the first check.
 *
 * @throws {HttpError} 403
 */
export async function openProject(
  transaction: Transaction,
  place: ProjectPlace,
  { caller }: Pick<WandbCall, "caller">,
  nowMs: number,
): Promise<Project> {
  const found = await findWandbProject(transaction, place);
  if (found) {
    await requireSubjects(caller, "write", [{ project: found.number }], transaction);
    return found;
  }
  const made = await openWandbProject(transaction, place, nowMs);
  await grantMaker(transaction, made, { name: caller.name, ms: nowMs });
  return made;
}
