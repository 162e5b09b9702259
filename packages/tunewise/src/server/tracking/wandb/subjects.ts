/**
 * @file What root fields are about: the projects behind the names and ids in their arguments.
 *
 * A run's own row decides where it belongs, never the names in the request: those of a project that was renamed
 * may by now be another one's.
 */
import { findArtifact, findArtifactOfClient, findWandbProject, findWandbRun } from "@tunewise/tracker";
import type { Subject, Subjects } from "../../http/route.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, type IdKind, numberOf, partsOf, textOf } from "./fields.ts";
import { artifactOf, runOf, runOfId } from "./find.ts";
import { placeIn, placeOf } from "./project-place.ts";
import { fileIdsIn, fileOfId } from "./run-files.ts";

/** Says what a root field is about; `null`: something that is not there, so that the answer is `null` too. */
export type RootAbout = (args: Fields, call: WandbCall) => Promise<Subjects | null>;

/** A project that a question names. */
export const aboutProject: RootAbout = async ({ name, entityName }, { context }) => {
  const project = await findWandbProject(context.database, placeOf(entityName, name));
  return project ? [{ project: project.number }] : null;
};

/** An artifact that a question names by its id, or by the id that its client gave it. */
export const aboutArtifact: RootAbout = async ({ id, clientID }, { context }) => {
  const number = numberOf("Artifact", id);
  const artifact =
    number === null
      ? await findArtifactOfClient(context.database, textOf(clientID) ?? "")
      : await findArtifact(context.database, number);
  return artifact ? [{ project: artifact.project }] : null;
};

/** Where a change puts something: a project that is there, or one to be made. */
export const aboutPlace: RootAbout = async (fields, { context }) => {
  const project = await findWandbProject(context.database, placeIn(fields));
  return project ? [{ project: project.number }] : "new-project";
};

/** The run that a change begins or goes on with. */
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

/** Whether a change is about a place that may be made; whatever else it names is there, or is not told of. */
export function isAboutPlace(about: RootAbout, fields: Fields): boolean {
  return about === aboutPlace || (about === aboutUpsert && numberOf("Run", fields["id"]) === null);
}

/** The run that a change names by its path. */
export const aboutRunPath: RootAbout = async (fields, { context }) => [
  { project: (await runOf(context.database, fields)).run.project },
];

/** The run that a change names by its id. */
export const aboutRunId: RootAbout = async ({ id }, { context }) => [
  { project: (await runOfId(context.database, id)).run.project },
];

/** The artifact that a change names in a field. */
export function aboutArtifactId(field: string, kind?: IdKind): RootAbout {
  return async (fields, { context }) => [
    { project: (await artifactOf(context.database, fields[field], kind)).project },
  ];
}

/** Every artifact that files are announced for. */
export const aboutArtifactFiles: RootAbout = async ({ artifactFiles: files }, { context }) => {
  const ids = new Set(Array.isArray(files) ? files.map((file) => fieldsOf(file)["artifactID"]) : []);
  if (ids.size === 0) return null;
  const subjects: Subject[] = [];
  for (const id of ids) subjects.push({ project: (await artifactOf(context.database, id)).project });
  return subjects;
};

/** An artifact that is read, and the run that is noted down to use it. */
export const aboutUse: RootAbout = async (fields, { context: { database } }) => [
  { project: (await artifactOf(database, fields["artifactID"])).project, role: "read" },
  { project: (await runOf(database, fields)).run.project },
];

/** The runs of files that are named by their ids. */
export const aboutFiles: RootAbout = async (fields, { context }) => {
  const runs = new Set(fileIdsIn(fields).map((id) => fileOfId(id).run));
  const subjects: Subject[] = [];
  for (const id of runs) subjects.push({ project: (await runOfId(context.database, id)).run.project });
  return subjects.length > 0 ? subjects : null;
};

/** The project and the name in the id of a collection of artifacts, or `null`. */
export function collectionOfId(id: unknown): { readonly project: number; readonly name: string } | null {
  const [kind, project = "", ...name] = partsOf(id);
  return kind === "ArtifactSequence" && /^\d{1,15}$/.test(project)
    ? { project: Number(project), name: name.join(":") }
    : null;
}

/** A collection of artifacts that a question names by its id. */
export const aboutCollection: RootAbout = async ({ id }) => {
  const place = collectionOfId(id);
  return place ? [{ project: place.project }] : null;
};
