/**
 * @file Histories from the SQLite file of an MLflow server. Columns are looked up, since releases differ.
 *
 * @source mlflow/mlflow mlflow/store/tracking/dbmodels/models.py, mlflow/store/model_registry/dbmodels/models.py
 */
import { problem } from "../../../problem/index.ts";
import { type ForeignDatabase, openForeignSqlite } from "../../database/foreign-sqlite.ts";
import type { Fact } from "../../tracking/nouns.ts";
import type {
  Damage,
  HistorySource,
  MovedModel,
  MovedName,
  MovedPoint,
  MovedProject,
  MovedRun,
  MovedVersion,
} from "../history.ts";
import { type Loose, msIn, reasonOf, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { filesBelow } from "./local-files.ts";
import { versionPath } from "./version-path.ts";
import {
  contextTag,
  modelStatusFrom,
  nameAndPerson,
  stageFrom,
  statusFrom,
  unclamped,
  versionStageFrom,
} from "./words.ts";

/** Rows read at once. */
const page = 5000;

/**
 * Opens a file.
 *
 * @param root the only folder below which files of runs are read
 * @throws {TunewiseError} `MOVE_READ_FAILED`, `MOVE_SOURCE_UNKNOWN`, `STORE_DRIVER_MISSING`
 */
export async function mlflowSqlite(path: string, root: string): Promise<HistorySource> {
  const database = await openForeignSqlite(path);
  const tables = ["experiments", "runs", "metrics"].filter((table) => database.columns(table).size === 0);
  if (tables.length > 0) {
    database.close();
    const about = {
      source: path,
      expected: "database of MLflow's",
      example: "tunewise store import mlflow mlflow.db",
    };
    throw problem("MOVE_SOURCE_UNKNOWN", { ...about, reason: `it has no table ${tables[0]}` });
  }
  const tag = tagReader(database);
  return {
    place: path,
    projects: async function* () {
      for (const row of readTable(database, "experiments", "ORDER BY experiment_id")) {
        const id = textIn(row, "experiment_id");
        const stage = stageFrom(row["lifecycle_stage"]);
        yield { id, name: textIn(row, "name"), stage, tags: tag("experiment_tags", "experiment_id", id) };
      }
    },
    runs: (project) => readRuns(database, project),
    points: (run) => readPoints(database, run.id),
    models: (project) => sqliteModels(database, project.id),
    registry: () => sqliteRegistry(database),
    files: (owner) => {
      const [table, key, place] =
        owner.of === "run"
          ? ["runs", "run_uuid", "artifact_uri"]
          : ["logged_models", "model_id", "artifact_location"];
      const [row] = readTable(database, table, `WHERE ${key} = ?`, owner.id);
      return filesBelow(root, textIn(row ?? {}, place), owner.id);
    },
    close: async () => database.close(),
  };
}

async function* readRuns(
  database: ForeignDatabase,
  project: MovedProject,
): AsyncGenerator<MovedRun | Damage> {
  let after = 0;
  for (;;) {
    const sql =
      "SELECT rowid AS place, * FROM runs WHERE experiment_id = ? AND rowid > ? ORDER BY rowid LIMIT ?";
    const rows = database.rows(sql, project.id, after, runsAtOnce);
    for (const row of rows) {
      try {
        yield runFrom(database, project, row);
      } catch (error) {
        yield { kind: "damage", what: textIn(row, "run_uuid"), reason: reasonOf(error) };
      }
    }
    if (rows.length < runsAtOnce) return;
    after = Number(rows.at(-1)?.["place"]);
  }
}

const runsAtOnce = 500;

function runFrom(database: ForeignDatabase, project: MovedProject, row: Loose): MovedRun {
  const tag = tagReader(database);
  const id = textIn(row, "run_uuid");
  const given = { name: textIn(row, "name"), person: textIn(row, "user_id") };
  const startedMs = msIn(row, "start_time") ?? 0;
  return {
    id,
    project: project.id,
    ...nameAndPerson(id, given, tag("tags", "run_uuid", id)),
    status: statusFrom(textIn(row, "status")),
    stage: stageFrom(row["lifecycle_stage"]),
    deletedMs: msIn(row, "deleted_time"),
    startedMs,
    endedMs: msIn(row, "end_time"),
    params: tag("params", "run_uuid", id),
    inputs: inputsOf(database, id),
    modelInputs: linked(database, "RUN_INPUT", "MODEL_INPUT", id).map((link) =>
      textIn(link, "destination_id"),
    ),
    outputs: linked(database, "RUN_OUTPUT", "MODEL_OUTPUT", id).map((link) => ({
      modelId: textIn(link, "destination_id"),
      step: wholeIn(link, "step") ?? 0,
    })),
  };
}

function linked(database: ForeignDatabase, from: string, to: string, id: string): Loose[] {
  const where = "WHERE source_type = ? AND destination_type = ? AND source_id = ? ORDER BY destination_id";
  return readTable(database, "inputs", where, from, to, id);
}

function inputsOf(database: ForeignDatabase, id: string): MovedRun["inputs"] {
  const where = "WHERE source_type = 'DATASET' AND destination_type = 'RUN' AND destination_id = ?";
  return readTable(database, "inputs", where, id).flatMap((link) => {
    const [row] = readTable(database, "datasets", "WHERE dataset_uuid = ?", textIn(link, "source_id"));
    if (!row) return [];
    const tags = tagReader(database)("input_tags", "input_uuid", textIn(link, "input_uuid"), "name");
    const dataset = {
      name: textIn(row, "name"),
      digest: textIn(row, "digest"),
      sourceType: textIn(row, "dataset_source_type"),
      source: textIn(row, "dataset_source"),
      schema: textOrNull(row, "dataset_schema"),
      profile: textOrNull(row, "dataset_profile"),
    };
    return [{ dataset, context: tags.find(({ key }) => key === contextTag)?.value ?? "", tags }];
  });
}

async function* readPoints(database: ForeignDatabase, id: string): AsyncGenerator<MovedPoint[]> {
  const columns = database.columns("metrics");
  const [step, isNan] = [columns.has("step") ? "step" : "0", columns.has("is_nan") ? "is_nan" : "0"];
  const sql = `SELECT rowid AS place, key, value, timestamp, ${step} AS step, ${isNan} AS is_nan FROM metrics
    WHERE run_uuid = ? AND rowid > ? ORDER BY rowid LIMIT ?`;
  for (let after = 0; ; ) {
    const rows = database.rows(sql, id, after, page);
    yield rows.map((row) => ({
      key: textIn(row, "key"),
      step: Number(row["step"]),
      ms: Number(row["timestamp"]),
      value: Number(row["is_nan"]) ? Number.NaN : unclamped(Number(row["value"])),
    }));
    if (rows.length < page) return;
    after = Number(rows.at(-1)?.["place"]);
  }
}

/** The logged models of an experiment; none where the file is of a release before 3. */
async function* sqliteModels(database: ForeignDatabase, project: string): AsyncGenerator<MovedModel> {
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
async function* sqliteRegistry(database: ForeignDatabase): AsyncGenerator<MovedName> {
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

/** All rows of a table that may not be there. */
function readTable(database: ForeignDatabase, table: string, where: string, ...values: string[]): Loose[] {
  if (database.columns(table).size === 0) return [];
  return database.rows(`SELECT * FROM ${table} ${where}`, ...values);
}

/** Reads words about an owner from tables of the shape (key, value, owner). */
function tagReader(
  database: ForeignDatabase,
): (table: string, owner: string, id: string, key?: string, value?: string) => Fact[] {
  return (table, owner, id, key = "key", value = "value") =>
    readTable(database, table, `WHERE ${owner} = ? ORDER BY 1`, id).map((row) => ({
      key: textIn(row, key),
      value: textIn(row, value),
    }));
}
