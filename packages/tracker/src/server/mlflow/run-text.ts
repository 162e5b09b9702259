/**
 * @file Serializes runs in MLflow's format. The store holds their logged data as prepared text, so that a page is only
 * concatenated.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, Run, RunInfo, RunData, RunInputs
 */
import {
  type RunInput,
  readArtifactRoots,
  readDocuments,
  readInputs,
  type TrackedRun,
  unnamedPerson,
} from "../../index.ts";
import { readModelTexts } from "./models/parts.ts";
import { experimentPlace, type MlflowContext, runPlace } from "./places.ts";
import { mlflowStatus } from "./run-status.ts";

/** Texts of complete runs, in the given order. */
export async function runTexts(context: MlflowContext, runs: readonly TrackedRun[]): Promise<string[]> {
  const numbers = runs.map(({ number }) => number);
  const documents = await readDocuments(context.database, context.write, numbers);
  const inputs = await readInputs(context.database, numbers);
  const infos = await infoTexts(context, runs);
  const modelsOf = await readModelTexts(context.database, numbers);
  return runs.map(({ number }, at) => {
    const given = inputs.get(number);
    const models = modelsOf(number);
    const parts = [
      ...(given ? [`"dataset_inputs":${JSON.stringify(given.map(inputOf))}`] : []),
      ...(models.inputs ? [`"model_inputs":${models.inputs}`] : []),
    ];
    const made = models.outputs ? `,"outputs":{"model_outputs":${models.outputs}}` : "";
    return `{"info":${infos[at]},"data":{${documents.get(number) ?? ""}},"inputs":{${parts.join(",")}}${made}}`;
  });
}

/** Texts of runs without their logged data. */
export async function infoTexts(context: MlflowContext, runs: readonly TrackedRun[]): Promise<string[]> {
  const roots = await readArtifactRoots(context.database, [...new Set(runs.map(({ project }) => project))]);
  return runs.map((run) => {
    const place = experimentPlace(context.places, {
      number: run.project,
      artifactRoot: roots.get(run.project) ?? null,
    });
    return JSON.stringify({
      run_uuid: run.id,
      experiment_id: String(run.project),
      run_name: run.name,
      user_id: run.person || unnamedPerson,
      status: mlflowStatus(run.status),
      start_time: run.startedMs,
      ...(run.endedMs === null ? {} : { end_time: run.endedMs }),
      artifact_uri: runPlace(place, run),
      lifecycle_stage: run.stage,
      run_id: run.id,
    });
  });
}

function inputOf({ dataset, tags }: RunInput): object {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return {
    tags,
    dataset: {
      name,
      digest,
      source_type: sourceType,
      source,
      ...(schema === null ? {} : { schema }),
      ...(profile === null ? {} : { profile }),
    },
  };
}
