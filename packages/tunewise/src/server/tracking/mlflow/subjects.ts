/**
 * @file What requests are about: the projects behind experiments, runs, models and paths that their fields name. Each
 * takes the fields that the handler gets, so that both mean the same thing.
 */

import { type KeyValue, type ProjectRole, readProjectsOf, readProjectsOfVersions } from "@tunewise/tracker";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { problem } from "../../../problem/index.ts";
import type { About, Subject } from "../../http/route.ts";
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

/** `experiment_ids`, each in which the caller has the role. */
export const amongExperiments: About<{ readonly experiment_ids: readonly number[] }> = {
  among: async ({ experiment_ids }) => experiment_ids,
};

/** `experiment_id`. */
export function aboutExperiment({ database }: TrackingContext): About<ExperimentFields> {
  return { all: async (fields) => [{ project: (await findExperiment(database, fields)).number }] };
}

/** `experiment_name`. */
export function aboutExperimentName({
  database,
}: TrackingContext): About<{ readonly experiment_name: string }> {
  return {
    all: async ({ experiment_name }) => [
      { project: (await findNamedExperiment(database, experiment_name)).number },
    ],
  };
}

/** Models by their ids, with the role that is needed in their projects, if not the route's policy. */
export type ModelRoles = ReadonlyMap<string, ProjectRole | undefined>;

/** `run_id` or `run_uuid`, and every model that points, inputs or outputs of the run name. */
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
 * The same, and the parent that a run's tags name: who may not read it may not name it. For who may not read all, one
 * that is not there gets the same answer, so that ids cannot be probed.
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

/** Several runs. @param name of the field, if none is given */
export async function someRuns(
  context: TrackingContext,
  name: string,
  ids: readonly string[],
): Promise<Subject[]> {
  if (ids.length > 0) return runSubjects(context, ids);
  throw invalidParameter(`Missing value for required parameter '${name}'.`);
}

/** A path of the artifact proxy. */
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

/** Projects of logged models. @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND` */
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
 * Traces by their ids.
 *
 * @param areNeeded whether one that is not there is an error
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

/** The trace that the path names. */
export function aboutTrace<Fields>(context: TrackingContext): About<Fields> {
  return { all: (_, { params }) => traceSubjects(context, [traceId(params["id"])]) };
}

const traceIds = /^[a-zA-Z0-9][\w-]{0,127}$/;

/** The id of a trace as clients may write it. @throws {Refusal} 400 */
export function traceId(id: unknown): string {
  if (typeof id === "string" && traceIds.test(id)) return id;
  throw invalidParameter(`Invalid trace ID: '${String(id).slice(0, 60)}'`);
}

interface VersionFields {
  readonly name: string;
  readonly version: number;
}

/** The logged model that the path names. */
export function aboutModel<Fields>(context: TrackingContext): About<Fields> {
  return { all: (_, { params }) => modelSubjects(context, new Map([[modelId(params), undefined]])) };
}

/** Every version of the name. */
export function aboutVersions(context: TrackingContext): About<{ readonly name: string }> {
  return { registryAnd: ({ name }) => versionSubjects(context, name, null) };
}

/** The version that the fields name. */
export function aboutVersion(context: TrackingContext): About<VersionFields> {
  return { registryAnd: ({ name, version }) => versionSubjects(context, name, version) };
}

/** Projects of what a version was made from; `null`: of all versions of the name. */
export async function versionSubjects(
  { database }: TrackingContext,
  name: string,
  version: number | null,
): Promise<Subject[]> {
  return (await readProjectsOfVersions(database, name, version)).map((project) => ({ project }));
}
