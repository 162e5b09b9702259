/**
 * @file Where runs and artifacts belong: an entity and a project.
 */
import { defaultEntity } from "../../../track/index.ts";
import { type Fields, nameOf, textOf } from "./fields.ts";
import { idOf } from "./ids.ts";

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
 * @throws {WandbRefusal} for names that none may have
 */
export function placeIn(
  fields: Fields,
  projectField: "projectName" | "modelName" = "projectName",
): ProjectPlace {
  const { entity, project } = placeOf(fields["entityName"], fields[projectField]);
  return { entity: nameOf(entity, "entity"), project: nameOf(project, "project") };
}

/** An entity: whoever a client says it logs for. */
export function entityFields(name: string): Fields {
  return { id: Buffer.from(`Entity:${name}`).toString("base64"), name, isTeam: false, organization: null };
}

/** A project without what belongs to it. */
export function bareProject({ entity, project }: ProjectPlace, number: number): Fields {
  return {
    id: idOf("Project", number),
    internalId: idOf("Project", number),
    name: project,
    entityName: entity,
    entity: entityFields(entity),
  };
}
