/**
 * @file Subjects of requests: the projects of the experiments, runs, models and paths that their fields name. Each
 * function receives the handler's fields, so that both refer to the same objects.
 */

import type { About, Subject } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { type KeyValue, type ProjectRole, readProjectsOf, readProjectsOfVersions } from "../../index.ts";
import { problem } from "../../problem/index.ts";
import { proxiedKey } from "./artifact-path.ts";
import {
  type ExperimentFields,
  findExperiment,
  findNamedExperiment,
  type RunFields,
  requireRunId,
  runIdOf,
} from "./find.ts";
import { modelId } from "./models/checks.ts";
import { invalidParameter } from "./refuse.ts";

/** Subjects of `experiment_ids`: those in which the caller has the role. */
export const amongExperiments: About<{ readonly experiment_ids: readonly number[] }> = {
  among: async ({ experiment_ids }) => experiment_ids,
};

/** Subject of `experiment_id`. */
export function aboutExperiment({ database }: TrackingContext): About<ExperimentFields> {
  return { all: async (fields) => [{ project: (await findExperiment(database, fields)).number }] };
}

/** Subject of `experiment_name`. */
export function aboutExperimentName({
  database,
}: TrackingContext): About<{ readonly experiment_name: string }> {
  return {
    all: async ({ experiment_name }) => [
      { project: (await findNamedExperiment(database, experiment_name)).number },
    ],
  };
}

/** Models by id, with the role required in their projects if it differs from the route's policy. */
export type ModelRoles = ReadonlyMap<string, ProjectRole | undefined>;

/** Subjects of `run_id` or `run_uuid`, and of every model that points, inputs or outputs of the run name. */
export function aboutRun<Fields = unknown>(
  context: TrackingContext,
  modelsOf: (fields: Fields) => ModelRoles = () => new Map(),
): About<RunFields & Fields> {
  return {
    all: async (fields) => [
      ...(await runSubjects(context, [runIdOf(fields)])),
      ...(await modelSubjects(context, modelsOf(fields))),
    ],
  };
}

/** The tag by which a run names its parent. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const parentTag = "mlflow.parentRunId";

/**
 * Adds the parent that a run's tags name, which the caller must be able to read. A parent that does not exist gets the
 * same reply as a hidden one, so that ids cannot be probed.
 */
export function andParent<Own, Tagged>(
  context: TrackingContext,
  about: About<Own>,
  tagsOf: (fields: Tagged) => readonly KeyValue[],
): About<Own & Tagged> {
  if (typeof about === "string" || !("all" in about)) throw new Error("Internal: a run is of a project");
  return {
    all: async (fields, call) => {
      const subjects = await about.all(fields, call);
      const named = tagsOf(fields).flatMap(({ key, value }) =>
        key === parentTag && value !== "" ? [value] : [],
      );
      const parents = named.length === 0 ? [] : await runSubjects(context, named);
      if (subjects === "new-project") return subjects;
      return [...subjects, ...parents.map(({ project }) => ({ project, role: "read" as const }))];
    },
  };
}

/** Subjects of several runs. @param name of the field, for the error if there are none */
export async function someRuns(
  context: TrackingContext,
  name: string,
  ids: readonly string[],
): Promise<Subject[]> {
  if (ids.length > 0) return runSubjects(context, ids);
  throw invalidParameter(`Missing value for required parameter '${name}'.`);
}

/** Subject of a path of the artifact proxy. */
export async function pathSubjects({ database }: TrackingContext, path: string): Promise<Subject[]> {
  const { key } = await proxiedKey(database, path);
  return [{ project: Number(key.slice(0, key.indexOf("/"))) }];
}

async function runSubjects({ database }: TrackingContext, ids: readonly string[]): Promise<Subject[]> {
  const projects = await readProjectsOf(database, "run", ids.map(requireRunId));
  return ids.map((id) => {
    const project = projects.get(id);
    if (project === undefined) throw problem("RUN_NOT_FOUND", { id, store: database.path });
    return { project };
  });
}

/** Subjects of logged models. @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND` */
export async function modelSubjects({ database }: TrackingContext, models: ModelRoles): Promise<Subject[]> {
  if (models.size === 0) return [];
  const projects = await readProjectsOf(database, "model", [...models.keys()]);
  return [...models].map(([id, role]) => {
    const project = projects.get(id);
    if (project === undefined) throw problem("LOGGED_MODEL_NOT_FOUND", { id });
    return role === undefined ? { project } : { project, role };
  });
}

/**
 * Subjects of traces by their ids.
 *
 * @param areNeeded whether a missing trace is an error
 * @throws {TunewiseError} `TRACE_NOT_FOUND`
 */
export async function traceSubjects(
  { database }: TrackingContext,
  ids: readonly string[],
  areNeeded = true,
): Promise<Subject[]> {
  const projects = await readProjectsOf(database, "trace", ids);
  return ids.flatMap((id) => {
    const project = projects.get(id);
    if (project !== undefined) return [{ project }];
    if (areNeeded) throw problem("TRACE_NOT_FOUND", { id });
    return [];
  });
}

/** Subject of the trace that the path names. */
export function aboutTrace<Fields>(context: TrackingContext): About<Fields> {
  return { all: (_, { params }) => traceSubjects(context, [traceId(params["id"])]) };
}

const traceIds = /^[a-zA-Z0-9][\w-]{0,127}$/;

/** Requires a valid id of a trace. @throws {HttpError} 400 */
export function traceId(id: unknown): string {
  if (typeof id === "string" && traceIds.test(id)) return id;
  throw invalidParameter(`Invalid trace ID: '${String(id).slice(0, 60)}'`);
}

interface VersionFields {
  readonly name: string;
  readonly version: number;
}

/** Subject of the logged model that the path names. */
export function aboutModel<Fields>(context: TrackingContext): About<Fields> {
  return { all: (_, { params }) => modelSubjects(context, new Map([[modelId(params), undefined]])) };
}

/** Subjects of all versions of a registered model. */
export function aboutVersions(context: TrackingContext): About<{ readonly name: string }> {
  return { registryAnd: ({ name }) => versionSubjects(context, name, null) };
}

/** Subjects of the version that the fields name. */
export function aboutVersion(context: TrackingContext): About<VersionFields> {
  return { registryAnd: ({ name, version }) => versionSubjects(context, name, version) };
}

/** Projects of a version's source; `null` stands for all versions of the name. */
export async function versionSubjects(
  { database }: TrackingContext,
  name: string,
  version: number | null,
): Promise<Subject[]> {
  return (await readProjectsOfVersions(database, name, version)).map((project) => ({ project }));
}
