/** @file Finds the run or the experiment that a request names. */

import type { z } from "zod";
import { findProject, findTrackedRun, type Project, type Reader, type TrackedRun } from "../../index.ts";
import { field, listFrom, missing, type Shape, storable, text, textBy, ValidationError } from "./fields.ts";
import { invalidParameter, notFound } from "./refuse.ts";

const runId = /^[a-zA-Z0-9][\w-]{0,255}$/;

/** Requires a valid run id. @throws {HttpError} 400 */
export function requireRunId(id: string): string {
  if (runId.test(id)) return id;
  throw invalidParameter(`Invalid run ID: '${id.slice(0, 60)}'`);
}

/** Names a run: `run_id`, or `run_uuid` of older clients. */
export interface RunFields {
  readonly run_id?: string | undefined;
  readonly run_uuid?: string | undefined;
}

/** Schemas of `RunFields`. */
export const runFields: Shape<RunFields> = {
  // documented as required, although `run_uuid` is accepted instead
  run_id: textBy((id) => (id === undefined ? id : storable("run_id", id)), true),
  run_uuid: text,
};

/** Returns the id of the named run. @throws {HttpError} 400 if there is none */
export function runIdOf({ run_id, run_uuid }: RunFields): string {
  const id = run_id || run_uuid;
  if (!id) throw missing("run_id");
  return requireRunId(id);
}

/** Finds the named run. @throws {TunewiseError} `RUN_NOT_FOUND` */
export async function findRun(reader: Reader, fields: RunFields): Promise<TrackedRun> {
  return findTrackedRun(reader, runIdOf(fields));
}

/** Finds the named run. @throws {HttpError} 400 if it is deleted */
export async function findActiveRun(reader: Reader, fields: RunFields): Promise<TrackedRun> {
  const run = await findRun(reader, fields);
  if (run.stage === "active") return run;
  throw invalidParameter(`The run ${run.id} must be in the 'active' state. Current state is deleted.`);
}

const experimentId = /^\d{1,15}$/;

/** Names an experiment by the number in its id. */
export interface ExperimentFields {
  readonly experiment_id: number;
}

/** Schemas of `ExperimentFields`. */
export const experimentFields: Shape<ExperimentFields> = {
  experiment_id: textBy((id) => {
    if (!id) throw new ValidationError(undefined);
    if (experimentId.test(id)) return Number(id);
    throw new ValidationError(id);
  }, true),
};

/**
 * Numbers of the experiments to search in.
 *
 * @param requireCount refuses an invalid number of experiments; receives `null` if the field is missing
 */
export function experimentNumbers(
  requireCount: (count: number | null) => void,
  isRequired = false,
): z.ZodType<number[]> {
  const read = (value: unknown): number[] => {
    const ids = listFrom(value);
    requireCount(value === undefined ? null : ids.length);
    return ids.map((id) => {
      if (typeof id !== "string") throw new ValidationError(ids);
      if (experimentId.test(id)) return Number(id);
      throw new ValidationError(id);
    });
  };
  return field({ type: "array", items: { type: "string" } }, read, isRequired);
}

/** Finds the named experiment. @throws {HttpError} 404 */
export async function findExperiment(reader: Reader, { experiment_id }: ExperimentFields): Promise<Project> {
  const project = await findProject(reader, { number: experiment_id });
  if (project) return project;
  throw notFound(`No Experiment with id=${experiment_id} exists`);
}

/** Finds the named experiment. @throws {HttpError} 400 if it is deleted */
export async function findActiveExperiment(reader: Reader, fields: ExperimentFields): Promise<Project> {
  const project = await findExperiment(reader, fields);
  if (project.stage === "active") return project;
  throw invalidParameter(
    `The experiment ${project.number} must be in the 'active' state. Current state is deleted.`,
  );
}

/** Finds an experiment by name. @throws {HttpError} 404 */
export async function findNamedExperiment(reader: Reader, name: string): Promise<Project> {
  const project = await findProject(reader, { name });
  if (project) return project;
  throw notFound(`Could not find experiment with name '${name}'`);
}
