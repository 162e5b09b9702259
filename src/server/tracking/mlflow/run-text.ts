/**
 * @file Runs in MLflow's words, as text: what they logged is ready text in the store, so that a page is joined,
 * not built.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, Run, RunInfo, RunData, RunInputs
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import {
  type RunInput,
  readArtifactRoots,
  readDocuments,
  readInputs,
  type TrackedRun,
} from "../../../track/index.ts";
import type { ModelParts } from "./model-parts.ts";
import { type ArtifactPlaces, experimentPlace, runPlace } from "./places.ts";
import { mlflowStatus } from "./run-status.ts";

/** Texts of whole runs, in the order given. */
export async function runTexts(
  desk: TrackingContext,
  places: ArtifactPlaces,
  runs: readonly TrackedRun[],
  models: ModelParts,
): Promise<string[]> {
  const numbers = runs.map(({ number }) => number);
  const documents = await readDocuments(desk.database, desk.write, numbers);
  const inputs = await readInputs(desk.database, numbers);
  const infos = await infoTexts(desk, places, runs);
  const modelTexts = await models.readTexts(numbers);
  return runs.map(({ number }, at) => {
    const given = inputs.get(number);
    const model = modelTexts.get(number);
    const parts = [
      ...(given ? [`"dataset_inputs":${JSON.stringify(given.map(inputOf))}`] : []),
      ...(model?.inputs ? [`"model_inputs":${model.inputs}`] : []),
    ];
    const made = model?.outputs ? `,"outputs":{"model_outputs":${model.outputs}}` : "";
    return `{"info":${infos[at]},"data":{${documents.get(number) ?? ""}},"inputs":{${parts.join(",")}}${made}}`;
  });
}

/** Texts of what runs are, without what they logged. */
export async function infoTexts(
  desk: TrackingContext,
  places: ArtifactPlaces,
  runs: readonly TrackedRun[],
): Promise<string[]> {
  const roots = await readArtifactRoots(desk.database, [...new Set(runs.map(({ project }) => project))]);
  return runs.map((run) => {
    const place = experimentPlace(places, {
      number: run.project,
      artifactRoot: roots.get(run.project) ?? null,
    });
    return JSON.stringify({
      run_uuid: run.id,
      experiment_id: String(run.project),
      run_name: run.name,
      user_id: run.person,
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
