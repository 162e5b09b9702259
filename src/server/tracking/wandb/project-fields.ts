/**
 * @file A project, as these clients ask for it.
 */
import { findWandbProject, findWandbRun } from "../../../track/index.ts";
import { artifactNamed, collectionFields, membershipFields, typeFields } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, textOf } from "./fields.ts";
import { bareProject, type ProjectPlace } from "./project-place.ts";
import { runFields } from "./run-fields.ts";

/** A project that is there, or `null`. */
export async function projectFields(place: ProjectPlace, { desk }: WandbCall): Promise<Fields | null> {
  const project = await findWandbProject(desk.database, place);
  if (!project || project.stage === "deleted") return null;
  const { number } = project;
  const run = async ({ name }: Fields, call: WandbCall): Promise<Fields | null> => {
    const found = await findWandbRun(call.desk.database, { ...place, name: textOf(name) ?? "" });
    return found?.run.project === number && found.run.stage === "active" ? runFields(found) : null;
  };
  return {
    ...bareProject(place, number),
    run,
    bucket: run,
    artifactType: ({ name }: Fields, call: WandbCall) => typeFields(call, number, textOf(name) ?? ""),
    artifact: ({ name }: Fields, call: WandbCall) => artifactNamed(call, number, textOf(name) ?? ""),
    artifactCollection: ({ name }: Fields, call: WandbCall) =>
      collectionFields(call, number, textOf(name) ?? ""),
    artifactCollectionMembership: ({ name }: Fields, call: WandbCall) =>
      membershipFields(call, number, textOf(name) ?? ""),
  };
}
