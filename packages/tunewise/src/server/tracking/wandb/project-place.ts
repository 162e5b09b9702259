/** @file Where runs and artifacts belong: an entity and a project. */
import {
  defaultEntity,
  findWandbProject,
  grantMaker,
  openWandbProject,
  type Project,
  type Transaction,
} from "@tunewise/tracker";
import { requireSubjects } from "../../http/authorize.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, idOf, nameOf, textOf } from "./fields.ts";

/** A project's place. */
export interface ProjectPlace {
  readonly entity: string;
  readonly project: string;
}

/** The place that arguments name; a client that was offline knows no entity. */
export function placeOf(entity: unknown, project: unknown): ProjectPlace {
  return { entity: textOf(entity) ?? defaultEntity, project: textOf(project) ?? "uncategorized" };
}

/**
 * The place that a change names in its fields.
 *
 * @throws {Refusal} for names that none may have
 */
export function placeIn(
  fields: Fields,
  projectField: "projectName" | "modelName" = "projectName",
): ProjectPlace {
  const { entity, project } = placeOf(fields["entityName"], fields[projectField]);
  return { entity: nameOf(entity, "entity"), project: nameOf(project, "project") };
}

/** An entity: whoever a client logs for. */
export function entityFields(name: string): Fields {
  return {
    ...{
      id: idOf("Entity", name),
      name,
      isTeam: false,
      organization: null,
      available: true,
      readOnly: false,
    },
    ...{ defaultAccess: "PRIVATE", entityType: "user", photoUrl: null, members: [], user: null },
  };
}

/** A person; without users there is one for all programs of this machine. */
export function personFields(name: string): Fields {
  const shown = name === "" ? defaultEntity : name;
  return {
    ...{ id: idOf("User", shown), entity: defaultEntity, username: shown, name: shown, email: "" },
    ...{ admin: false, flags: "{}", deletedAt: null, apiKeys: { edges: [] } },
    teams: { edges: [{ node: entityFields(defaultEntity) }] },
  };
}

/** A project without what belongs to it. */
export function bareProject({ entity, project }: ProjectPlace, number: number): Fields {
  return {
    id: idOf("Project", number),
    internalId: idOf("Project", number),
    name: project,
    entityName: entity,
    entity: entityFields(entity),
    ...{ description: null, isBenchmark: false, readOnly: false, access: "PRIVATE", totalSweeps: 0 },
    ...{ sweeps: { edges: [], totalCount: 0, pageInfo: { endCursor: null, hasNextPage: false } } },
    allViews: { edges: [], pageInfo: { endCursor: null, hasNextPage: false } },
    user: personFields(""),
  };
}

/**
 * Opens a project to write to. Whoever makes one is its admin; and somebody else may have made it since the caller's
 * rights were checked, so that they are checked again.
 *
 * @throws {Refusal} 403
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
