/**
 * @file Models, names and versions as protobuf's JSON: omits empty fields, and writes non-finite numbers as strings.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto (LoggedModel), mlflow/protos/model_registry.proto
 */
import type { LoggedModel, ModelMetric, ModelStatus, ModelVersion, RegisteredModel } from "../../../index.ts";

/** Names of a model's statuses in the protocol, ordered by their numbers. */
export const statusNames: readonly (readonly [ModelStatus, string])[] = [
  ["unspecified", "LOGGED_MODEL_STATUS_UNSPECIFIED"],
  ["pending", "LOGGED_MODEL_PENDING"],
  ["ready", "LOGGED_MODEL_READY"],
  ["failed", "LOGGED_MODEL_UPLOAD_FAILED"],
];

/** Body of a logged model. @param address of its files */
export function loggedModelBody(model: LoggedModel, address: string): object {
  return {
    info: {
      model_id: model.id,
      experiment_id: String(model.project),
      name: model.name,
      creation_timestamp_ms: model.createdMs,
      last_updated_timestamp_ms: model.changedMs,
      artifact_uri: address,
      status: statusNames.find(([status]) => status === model.status)?.[1],
      model_type: model.kind,
      source_run_id: model.sourceRun ?? undefined,
      tags: orNothing(model.tags),
    },
    data: {
      params: orNothing(model.params),
      metrics: orNothing(model.metrics.map((metric) => metricBody(metric, model.id))),
    },
  };
}

function metricBody(metric: ModelMetric, model: string): object {
  const { key, value, ms, step, run, datasetName, datasetDigest } = metric;
  return {
    key,
    value: Number.isFinite(value) ? value : String(value),
    timestamp: ms,
    step,
    dataset_name: datasetName || undefined,
    dataset_digest: datasetDigest || undefined,
    model_id: model,
    run_id: run,
  };
}

/** Body of a registered model. */
export function registeredModelBody(model: RegisteredModel): object {
  return {
    name: model.name,
    creation_timestamp: model.createdMs,
    last_updated_timestamp: model.changedMs,
    description: model.description ?? undefined,
    latest_versions: orNothing(model.latest.map(modelVersionBody)),
    tags: orNothing(model.tags),
    aliases: orNothing(model.aliases.map(({ alias, version }) => ({ alias, version: String(version) }))),
  };
}

/** Body of a version. */
export function modelVersionBody(version: ModelVersion): object {
  return {
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdMs,
    last_updated_timestamp: version.changedMs,
    user_id: version.person || undefined,
    current_stage: version.stage,
    description: version.description ?? undefined,
    source: version.source,
    run_id: version.run ?? undefined,
    status: "READY",
    tags: orNothing(version.tags),
    run_link: version.runLink ?? undefined,
    aliases: orNothing(version.aliases),
    model_id: version.loggedModel ?? undefined,
  };
}

function orNothing<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length > 0 ? items : undefined;
}
