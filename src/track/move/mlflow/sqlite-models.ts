/**
 * @file Logged models and the registry from the SQLite file of an MLflow server.
 *
 * @source mlflow/mlflow mlflow/store/tracking/dbmodels/models.py, mlflow/store/model_registry/dbmodels/models.py
 */
import type { ForeignDatabase } from "../../database/foreign-sqlite.ts";
import type { MovedModel, MovedName, MovedVersion } from "../history.ts";
import { type Loose, msIn, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { readTable, tagReader } from "./sqlite-rows.ts";
import { versionPath } from "./version-path.ts";
import { modelStatusFrom, stageFrom, unclamped, versionStageFrom } from "./words.ts";

/** The logged models of an experiment; none where the file is of a release before 3. */
export async function* sqliteModels(database: ForeignDatabase, project: string): AsyncGenerator<MovedModel> {
  const tag = tagReader(database);
  const where = "WHERE experiment_id = ? ORDER BY creation_timestamp_ms, model_id";
  for (const row of readTable(database, "logged_models", where, project)) {
    const id = textIn(row, "model_id");
    const createdMs = msIn(row, "creation_timestamp_ms") ?? 0;
    const points = readTable(database, "logged_model_metrics", "WHERE model_id = ?", id);
    yield {
      id,
      project,
      name: textIn(row, "name"),
      kind: textIn(row, "model_type"),
      status: modelStatusFrom(row["status"]),
      stage: stageFrom(row["lifecycle_stage"]),
      sourceRun: textOrNull(row, "source_run_id"),
      createdMs,
      changedMs: msIn(row, "last_updated_timestamp_ms") ?? createdMs,
      tags: tag("logged_model_tags", "model_id", id, "tag_key", "tag_value"),
      params: tag("logged_model_params", "model_id", id, "param_key", "param_value"),
      metrics: points.map((point) => ({
        key: textIn(point, "metric_name"),
        step: wholeIn(point, "metric_step") ?? 0,
        ms: wholeIn(point, "metric_timestamp_ms") ?? 0,
        // SQLite keeps NaN as NULL.
        value: point["metric_value"] === null ? Number.NaN : unclamped(Number(point["metric_value"])),
        run: textIn(point, "run_id"),
        datasetName: textIn(point, "dataset_name"),
        datasetDigest: textIn(point, "dataset_digest"),
      })),
    };
  }
}

/** Names of the registry with their versions. */
export async function* sqliteRegistry(database: ForeignDatabase): AsyncGenerator<MovedName> {
  const tag = tagReader(database);
  for (const row of readTable(database, "registered_models", "ORDER BY name")) {
    const name = textIn(row, "name");
    const aliases = readTable(database, "registered_model_aliases", "WHERE name = ? ORDER BY alias", name);
    const versions = readTable(database, "model_versions", "WHERE name = ? ORDER BY version", name);
    const tags = readTable(database, "model_version_tags", "WHERE name = ? ORDER BY key", name);
    yield {
      name,
      description: textOrNull(row, "description"),
      createdMs: msIn(row, "creation_time") ?? 0,
      tags: tag("registered_model_tags", "name", name),
      aliases: aliases.map((alias) => ({
        alias: textIn(alias, "alias"),
        version: wholeIn(alias, "version") ?? 0,
      })),
      versions: versions
        .filter((version) => version["current_stage"] !== deletedStage)
        .map((version) => versionFrom(database, version, tags)),
    };
  }
}

/** What MLflow's databases call the stage of a version that was deleted. */
const deletedStage = "Deleted_Internal";

function versionFrom(database: ForeignDatabase, row: Loose, tags: readonly Loose[]): MovedVersion {
  const version = wholeIn(row, "version") ?? 0;
  const createdMs = msIn(row, "creation_time") ?? 0;
  const run = textOrNull(row, "run_id");
  const source = textIn(row, "source");
  const place = textIn(row, "storage_location") || source;
  const [owner] = run === null ? [] : readTable(database, "runs", "WHERE run_uuid = ?", run);
  const loggedModel = textOrNull(row, "model_id") ?? /^models:\/(m-[0-9a-f]{32})$/.exec(source)?.[1] ?? null;
  return {
    version,
    stage: versionStageFrom(row["current_stage"]),
    description: textOrNull(row, "description"),
    source,
    run,
    runLink: textOrNull(row, "run_link"),
    loggedModel,
    path: versionPath(place, { run, loggedModel, runPlace: textIn(owner ?? {}, "artifact_uri") }),
    person: textIn(row, "user_id"),
    createdMs,
    changedMs: msIn(row, "last_updated_time") ?? createdMs,
    tags: tags
      .filter((tag) => wholeIn(tag, "version") === version)
      .map((tag) => ({ key: textIn(tag, "key"), value: textIn(tag, "value") })),
  };
}
