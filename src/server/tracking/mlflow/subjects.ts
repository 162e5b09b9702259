/**
 * @file What requests are about: the projects behind experiments, runs, models and paths that their fields name.
 *
 * Each reads the fields by the same functions as the handler, so that both mean the same thing.
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { problem } from "../../../problem/index.ts";
import { findProject, type ProjectRole, readProjectsOf } from "../../../track/index.ts";
import type { About, Call, Subject, Subjects } from "../route.ts";
import { proxiedKey } from "./artifact-path.ts";
import { type Fields, listField, neededText, textsField } from "./fields.ts";
import { findExperiment, runIdOf } from "./find.ts";
import { demandRunId } from "./key-rules.ts";
import { MlflowError } from "./refuse.ts";

/** What a route that takes fields is about: as `About`, with the fields read. */
export type FieldsAbout =
  | Extract<About, string>
  | { readonly all: (fields: Fields, call: Call) => Promise<Subjects> }
  | { readonly registryAnd: (fields: Fields, call: Call) => Promise<readonly Subject[]> }
  | { readonly among: (fields: Fields, call: Call) => Promise<readonly number[]> };

/** The same as the server takes it. */
export function aboutOf(about: FieldsAbout, read: (call: Call) => Fields | Promise<Fields>): About {
  if (typeof about === "string") return about;
  if ("all" in about) return { all: async (call) => about.all(await read(call), call) };
  if ("among" in about) return { among: async (call) => about.among(await read(call), call) };
  return { registryAnd: async (call) => about.registryAnd(await read(call), call) };
}

/** Projects of one request, at most. */
const idsMost = 5_001;

/** `experiment_ids`, each where the caller has the role. What is no id is left to the handler to refuse. */
export const amongExperiments: FieldsAbout = {
  among: async (fields) =>
    listField(fields, "experiment_ids")
      .slice(0, idsMost)
      .map(String)
      .filter((id) => /^\d{1,15}$/.test(id))
      .map(Number),
};

/** `experiment_id`. */
export function aboutExperiment({ database }: TrackingContext): FieldsAbout {
  return { all: async (fields) => [{ project: (await findExperiment(database, fields)).number }] };
}

/** `experiment_name`. */
export function aboutExperimentName({ database }: TrackingContext): FieldsAbout {
  return {
    all: async (fields) => {
      const name = neededText(fields, "experiment_name");
      const project = await findProject(database, { name });
      if (project) return [{ project: project.number }];
      throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `Could not find experiment with name '${name}'`);
    },
  };
}

/** `run_id` or `run_uuid`, and every model that points, inputs or outputs of the run speak of. */
export function aboutRun(desk: TrackingContext): FieldsAbout {
  return {
    all: async (fields) => [
      ...(await runSubjects(desk, [runIdOf(fields)])),
      ...(await modelSubjects(desk, modelsOf(fields))),
    ],
  };
}

/** Several runs, in a field of that name. */
export function aboutRuns(desk: TrackingContext, name: string): FieldsAbout {
  return {
    all: async (fields) => {
      const ids = textsField(fields, name);
      if (ids.length === 0) {
        throw new MlflowError("INVALID_PARAMETER_VALUE", `Missing value for required parameter '${name}'.`);
      }
      return runSubjects(desk, ids);
    },
  };
}

/** A path of the artifact proxy. */
export async function pathSubjects({ database }: TrackingContext, path: string): Promise<Subject[]> {
  const { key } = await proxiedKey(database, path);
  return [{ project: Number(key.slice(0, key.indexOf("/"))) }];
}

/** Projects of runs. @throws {TunewiseError} `RUN_NOT_FOUND` */
export async function runSubjects({ database }: TrackingContext, ids: readonly string[]): Promise<Subject[]> {
  const projects = await readProjectsOf(database, "run", ids.map(demandRunId));
  return ids.map((id) => {
    const project = projects.get(id);
    if (project === undefined) throw problem("RUN_NOT_FOUND", { id, store: database.path });
    return { project };
  });
}

/**
 * Projects of logged models, by their ids and what is to be done there.
 *
 * @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND`
 */
export async function modelSubjects(
  { database }: TrackingContext,
  models: ReadonlyMap<string, ProjectRole | undefined>,
): Promise<Subject[]> {
  if (models.size === 0) return [];
  const projects = await readProjectsOf(database, "model", [...models.keys()]);
  return [...models].map(([id, role]) => {
    const project = projects.get(id);
    if (project === undefined) throw problem("LOGGED_MODEL_NOT_FOUND", { id });
    return role === undefined ? { project } : { project, role };
  });
}

/** Models in a request about a run: points are written to them; inputs and outputs name them alone. */
function modelsOf(fields: Fields): ReadonlyMap<string, ProjectRole> {
  const models = new Map<string, ProjectRole>();
  const note = (item: unknown, role: ProjectRole): void => {
    const id = typeof item === "object" && item !== null ? (item as Fields)["model_id"] : undefined;
    if (typeof id === "string" && id !== "") models.set(id, role);
  };
  const listOf = (name: string): readonly unknown[] =>
    Array.isArray(fields[name]) ? (fields[name] as readonly unknown[]) : [];
  for (const item of listOf("models")) note(item, "read");
  for (const item of listOf("metrics")) note(item, "write");
  note(fields, "write");
  return models;
}
