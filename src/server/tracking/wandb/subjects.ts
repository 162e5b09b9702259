/**
 * @file What root fields are about: the projects behind the names and ids in their arguments.
 *
 * A run's own row says where it belongs, never the words by which it was asked for: those of a project that was renamed
 * may by now be another one's.
 */
import {
  findArtifact,
  findArtifactOfClient,
  findWandbProject,
  findWandbRun,
  type WandbArtifact,
} from "../../../track/index.ts";
import type { Subject, Subjects } from "../route.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, nameOf, textOf } from "./fields.ts";
import { type IdKind, numberOf } from "./ids.ts";
import { placeIn, placeOf } from "./project-place.ts";
import { WandbRefusal } from "./refuse.ts";

/** Says what a root field is about; `null`: something that is not there, so that the answer is `null` too. */
export type RootAbout = (args: Fields, call: WandbCall) => Promise<Subjects | null>;

/** A project that a question names. */
export const aboutProject: RootAbout = async ({ name, entityName }, { desk }) => {
  const project = await findWandbProject(desk.database, placeOf(entityName, name));
  return project ? [{ project: project.number }] : null;
};

/** An artifact that a question names by its id, or by the id that its client gave it. */
export const aboutArtifact: RootAbout = async ({ id, clientID }, { desk }) => {
  const number = numberOf("Artifact", id);
  const artifact =
    number === null
      ? await findArtifactOfClient(desk.database, textOf(clientID) ?? "")
      : await findArtifact(desk.database, number);
  return artifact ? [{ project: artifact.project }] : null;
};

/** Where a change puts something: a project that is there, or one to be made. */
export const aboutPlace: RootAbout = async ({ input }, call) => placeSubjects(fieldsOf(input), call);

async function placeSubjects(fields: Fields, { desk }: WandbCall): Promise<Subjects> {
  const project = await findWandbProject(desk.database, placeIn(fields));
  return project ? [{ project: project.number }] : "new-project";
}

/** The run that a change begins or goes on with. */
export const aboutUpsert: RootAbout = async ({ input }, { desk }) => {
  const fields = fieldsOf(input);
  const number = numberOf("Run", fields["id"]);
  const known = number === null ? null : await findWandbRun(desk.database, { number });
  if (known) return [{ project: known.run.project }];
  const place = placeIn(fields, "modelName");
  const name = textOf(fields["name"]);
  const found = name === null ? null : await findWandbRun(desk.database, { ...place, name });
  if (found) return [{ project: found.run.project }];
  const project = await findWandbProject(desk.database, place);
  return project ? [{ project: project.number }] : "new-project";
};

/** The run that a change names by its path. */
export const aboutRunPath: RootAbout = async ({ input }, call) => [await runSubject(fieldsOf(input), call)];

async function runSubject(fields: Fields, { desk }: WandbCall): Promise<Subject> {
  const found = await findWandbRun(desk.database, {
    ...placeIn(fields),
    name: nameOf(fields["runName"], "run"),
  });
  if (!found) throw new WandbRefusal("There is no such run.");
  return { project: found.run.project };
}

/** The run that a change names by its id. */
export const aboutRunId: RootAbout = async ({ input }, { desk }) => {
  const number = numberOf("Run", fieldsOf(input)["id"]);
  const found = number === null ? null : await findWandbRun(desk.database, { number });
  if (!found) throw new WandbRefusal("There is no such run.");
  return [{ project: found.run.project }];
};

/** The artifact that a change names in a field. */
export function aboutArtifactId(field: string, kind: IdKind = "Artifact"): RootAbout {
  return async ({ input }, call) => [await artifactSubject(kind, fieldsOf(input)[field], call)];
}

/** Every artifact that files are announced for. */
export const aboutArtifactFiles: RootAbout = async ({ input }, call) => {
  const files = fieldsOf(input)["artifactFiles"];
  const ids = new Set(Array.isArray(files) ? files.map((file) => fieldsOf(file)["artifactID"]) : []);
  if (ids.size === 0) return null;
  const subjects: Subject[] = [];
  for (const id of ids) subjects.push(await artifactSubject("Artifact", id, call));
  return subjects;
};

/** An artifact that is read, and the run that is noted down to use it. */
export const aboutUse: RootAbout = async ({ input }, call) => {
  const fields = fieldsOf(input);
  const artifact = await artifactSubject("Artifact", fields["artifactID"], call);
  return [{ ...artifact, role: "read" }, await runSubject(fields, call)];
};

async function artifactSubject(kind: IdKind, id: unknown, { desk }: WandbCall): Promise<Subject> {
  const number = numberOf(kind, id);
  const artifact: WandbArtifact | null = number === null ? null : await findArtifact(desk.database, number);
  if (!artifact) throw new WandbRefusal("There is no such artifact.");
  return { project: artifact.project };
}
