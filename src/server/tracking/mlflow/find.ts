/** @file The run or the experiment that a request speaks of. */
import {
  findProject,
  findTrackedRun,
  type Project,
  type Reader,
  type TrackedRun,
} from "../../../track/index.ts";
import { type Fields, invalid, missing, textField } from "./fields.ts";
import { demandRunId } from "./key-rules.ts";
import { MlflowError } from "./refuse.ts";

/**
 * The id of the run that is meant: `run_id`, or `run_uuid` as older clients say.
 *
 * @throws {MlflowError} if there is none
 */
export function runIdOf(fields: Fields): string {
  const id = textField(fields, "run_id") || textField(fields, "run_uuid");
  if (!id) throw missing("run_id");
  return demandRunId(id);
}

/**
 * The run that is meant.
 *
 * @throws {MlflowError} if there is none of the id
 */
export async function findRun(reader: Reader, fields: Fields): Promise<TrackedRun> {
  return findTrackedRun(reader, runIdOf(fields));
}

/**
 * The run that is meant, if it is not deleted.
 *
 * @throws {MlflowError} otherwise
 */
export async function findActiveRun(reader: Reader, fields: Fields): Promise<TrackedRun> {
  const run = await findRun(reader, fields);
  if (run.stage === "active") return run;
  throw new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `The run ${run.id} must be in the 'active' state. Current state is deleted.`,
  );
}

/**
 * The number behind an experiment's id.
 *
 * @throws {MlflowError} for what is no id
 */
export function experimentNumber(id: string, name = "experiment_id"): number {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw invalid(name, id);
}

/**
 * The experiment that is meant.
 *
 * @throws {MlflowError} if there is none of the id
 */
export async function findExperiment(reader: Reader, fields: Fields): Promise<Project> {
  const id = textField(fields, "experiment_id");
  if (!id) throw missing("experiment_id");
  const project = await findProject(reader, { number: experimentNumber(id) });
  if (project) return project;
  throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `No Experiment with id=${Number(id)} exists`);
}

/**
 * The experiment that is meant, if it is not deleted.
 *
 * @throws {MlflowError} otherwise
 */
export async function findActiveExperiment(reader: Reader, fields: Fields): Promise<Project> {
  const project = await findExperiment(reader, fields);
  if (project.stage === "active") return project;
  throw new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `The experiment ${project.number} must be in the 'active' state. Current state is deleted.`,
  );
}
