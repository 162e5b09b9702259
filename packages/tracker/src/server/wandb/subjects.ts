/**
 * @file Subjects of root fields: the projects of the names and ids in their arguments.
 *
 * A run's project is determined by its row in the store, never by names in the request: after a rename, another project
 * may have the name.
 */

import type { Subject, Subjects } from "../../http/index.ts";
import { findArtifact, findArtifactOfClient, findWandbProject, findWandbRun } from "../../index.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, type IdKind, numberOf, partsOf, textOf } from "./fields.ts";
import { artifactOf, runOf, runOfId } from "./find.ts";
import { placeIn, placeOf } from "./project-place.ts";
import { fileIdsIn, fileOfId } from "./run-files.ts";

/** Returns the subjects of a root field; `null` for an object that does not exist, so that the reply is `null` too. */
export type RootAbout = (args: Fields, call: WandbCall) => Promise<Subjects | null>;

/** Subject of a project named in a query. */
export const aboutProject: RootAbout = async ({ name, entityName }, { context }) => {
  const project = await findWandbProject(context.database, placeOf(entityName, name));
  return project ? [{ project: project.number }] : null;
};

/** Subject of an artifact named in a query by its id or its client's id. */
export const aboutArtifact: RootAbout = async ({ id, clientID }, { context }) => {
  const number = numberOf("Artifact", id);
  const artifact =
    number === null
      ? await findArtifactOfClient(context.database, textOf(clientID) ?? "")
      : await findArtifact(context.database, number);
  return artifact ? [{ project: artifact.project }] : null;
};

/** Subject of a mutation's target: an existing project or a new one. */
export const aboutPlace: RootAbout = async (fields, { context }) => {
  const project = await findWandbProject(context.database, placeIn(fields));
  return project ? [{ project: project.number }] : "new-project";
};

/** Subject of the run that a mutation starts or resumes. */
export const aboutUpsert: RootAbout = async (fields, { context: { database } }) => {
  if (numberOf("Run", fields["id"]) !== null)
    return [{ project: (await runOfId(database, fields["id"])).run.project }];
  const place = placeIn(fields, "modelName");
  const name = textOf(fields["name"]);
  const found = name === null ? null : await findWandbRun(database, { ...place, name });
  if (found) return [{ project: found.run.project }];
  const project = await findWandbProject(database, place);
  return project ? [{ project: project.number }] : "new-project";
};

/** Whether a mutation targets a project that it may create. Anything else that it names must exist and be visible. */
export function isAboutPlace(about: RootAbout, fields: Fields): boolean {
  return about === aboutPlace || (about === aboutUpsert && numberOf("Run", fields["id"]) === null);
}

/** Subject of the run that a mutation names by its path. */
export const aboutRunPath: RootAbout = async (fields, { context }) => [
  { project: (await runOf(context.database, fields)).run.project },
];

/** Subject of the run that a mutation names by its id. */
export const aboutRunId: RootAbout = async ({ id }, { context }) => [
  { project: (await runOfId(context.database, id)).run.project },
];

/** Subject of the artifact that a mutation names in a field. */
export function aboutArtifactId(field: string, kind?: IdKind): RootAbout {
  return async (fields, { context }) => [
    { project: (await artifactOf(context.database, fields[field], kind)).project },
  ];
}

/** Subjects of all artifacts for which files are announced. */
export const aboutArtifactFiles: RootAbout = async ({ artifactFiles: files }, { context }) => {
  const ids = new Set(Array.isArray(files) ? files.map((file) => fieldsOf(file)["artifactID"]) : []);
  if (ids.size === 0) return null;
  const subjects: Subject[] = [];
  for (const id of ids) subjects.push({ project: (await artifactOf(context.database, id)).project });
  return subjects;
};

/** Subjects of an artifact to read, and of the run recorded as using it. */
export const aboutUse: RootAbout = async (fields, { context: { database } }) => [
  { project: (await artifactOf(database, fields["artifactID"])).project, role: "read" },
  { project: (await runOf(database, fields)).run.project },
];

/** Subjects of the runs whose files are named by id. */
export const aboutFiles: RootAbout = async (fields, { context }) => {
  const runs = new Set(fileIdsIn(fields).map((id) => fileOfId(id).run));
  const subjects: Subject[] = [];
  for (const id of runs) subjects.push({ project: (await runOfId(context.database, id)).run.project });
  return subjects.length > 0 ? subjects : null;
};

/** The project and the name in the id of a collection of artifacts; `null` if it is invalid. */
export function collectionOfId(id: unknown): { readonly project: number; readonly name: string } | null {
  const [kind, project = "", ...name] = partsOf(id);
  return kind === "ArtifactSequence" && /^\d{1,15}$/.test(project)
    ? { project: Number(project), name: name.join(":") }
    : null;
}

/** Subject of a collection of artifacts named in a query by its id. */
export const aboutCollection: RootAbout = async ({ id }) => {
  const place = collectionOfId(id);
  return place ? [{ project: place.project }] : null;
};
