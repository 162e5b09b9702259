/** @file Projects as fields of W&B's schema: by name, or all that the caller may read. */
import { defaultEntity, findWandbProject, findWandbRun, listProjects, type Project } from "../../index.ts";
import { artifactLookups } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { connection, type Fields, pageOf, textOf } from "./fields.ts";
import { bareProject, type ProjectPlace, placeOf } from "./project-place.ts";
import { wandbRefusal } from "./refuse.ts";
import { runFields } from "./run-fields.ts";
import { runLists } from "./run-list.ts";

/** Maximum projects of a page. */
const maxPage = 1_000;

/** Finds a project; `null` if it does not exist. */
export async function findProjectFields(
  { name, entityName }: Fields,
  call: WandbCall,
): Promise<Fields | null> {
  const place = placeOf(entityName, name);
  const project = await findWandbProject(call.context.database, place);
  return project && project.stage === "active" ? projectFields(place, project) : null;
}

function projectFields(place: ProjectPlace, { number, createdMs }: Project): Fields {
  const run = async ({ name }: Fields, { context }: WandbCall): Promise<Fields | null> => {
    const found = await findWandbRun(context.database, { ...place, name: textOf(name) ?? "" });
    return found?.run.project === number && found.run.stage === "active" ? runFields(found) : null;
  };
  return {
    ...bareProject(place, number),
    createdAt: new Date(createdMs).toISOString(),
    run,
    bucket: run,
    ...runLists(number),
    ...artifactLookups(number),
  };
}

/** Lists the projects of an entity that the caller may read, the newest first. */
export async function listProjectFields(args: Fields, { context, caller }: WandbCall): Promise<Fields> {
  const entity = textOf(args["entityName"]) ?? defaultEntity;
  const { limit, after } = pageOf(args, maxPage);
  const offset = after === null ? 0 : Number(Buffer.from(after, "base64").toString("latin1"));
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw wandbRefusal("That is no cursor of a list of projects.");
  const readable = await caller.rights.readable();
  // names of other entities' projects have the entity as a prefix
  const prefix = entity === defaultEntity ? "" : `${entity}/`;
  const ofEntity =
    prefix === ""
      ? { sql: "replace(name, '/', '') = name", values: [] }
      : { sql: "substr(name, 1, ?) = ?", values: [prefix.length, prefix] };
  const found = await listProjects(context.database, {
    stages: ["active"],
    conditions: [ofEntity, ...(readable ? [readable] : [])],
    order: [{ column: "created_ms", ascending: false }],
    limit: limit + 1,
    offset,
  });
  const edges = found.slice(0, limit).map((project, at) => ({
    node: projectFields({ entity, project: project.name.slice(prefix.length) }, project),
    cursor: Buffer.from(String(offset + at + 1)).toString("base64"),
  }));
  return connection(edges, found.length > limit);
}
