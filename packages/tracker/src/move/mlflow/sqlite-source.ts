/**
 * @file Reads histories from the SQLite file of an MLflow server. Columns are looked up, because releases differ.
 *
 * @source mlflow/mlflow mlflow/store/tracking/dbmodels/models.py, mlflow/store/model_registry/dbmodels/models.py
 */

import { type ForeignDatabase, openForeignSqlite } from "../../database/foreign-sqlite.ts";
import { problem } from "../../problem/index.ts";
import type { KeyValue } from "../../tracking/types.ts";
import {
  type Damage,
  type HistorySource,
  type MovedModel,
  type MovedName,
  type MovedPoint,
  type MovedProject,
  type MovedRun,
  maxListedNames,
  type NotCarried,
  orDamage,
} from "../history.ts";
import { type Loose, textIn, wholeIn } from "../read-row.ts";
import { filesBelow } from "./local-files.ts";
import {
  deletedStage,
  inputFrom,
  loggedModelOf,
  modelFrom,
  nameFrom,
  outputFrom,
  runFrom,
  stageFrom,
  unclamped,
  versionFrom,
} from "./mlflow-rows.ts";

/**
 * Opens a file.
 *
 * @param root run files are only read below this folder
 * @throws {TunewiseError} `MOVE_READ_FAILED`, `MOVE_SOURCE_UNKNOWN`, `STORE_DRIVER_MISSING`
 */
export async function mlflowSqlite(path: string, root: string): Promise<HistorySource> {
  const database = await openForeignSqlite(path);
  const tables = ["experiments", "runs", "metrics"].filter((table) => database.columns(table).size === 0);
  if (tables.length > 0) {
    database.close();
    const about = {
      source: path,
      expected: "an MLflow database",
      example: "tunewise store import mlflow mlflow.db",
    };
    throw problem("MOVE_SOURCE_UNKNOWN", { ...about, reason: `it has no table ${tables[0]}` });
  }
  return {
    place: path,
    projects: async function* () {
      for (const row of readTable(database, "experiments", "ORDER BY experiment_id")) {
        const id = textIn(row, "experiment_id");
        const tags = factsIn(database, "experiment_tags", "experiment_id", id);
        yield { id, name: textIn(row, "name"), stage: stageFrom(row["lifecycle_stage"]), tags };
      }
    },
    runs: (project) => readRuns(database, project),
    points: (run) => readPoints(database, run.id),
    models: (project) => readModels(database, project.id),
    registry: () => readRegistry(database),
    files: (owner) => {
      const [table, key, place] =
        owner.of === "run"
          ? ["runs", "run_uuid", "artifact_uri"]
          : ["logged_models", "model_id", "artifact_location"];
      const [row] = readTable(database, table, `WHERE ${key} = ?`, owner.id);
      return filesBelow(root, textIn(row ?? {}, place), owner.id);
    },
    others: async function* () {
      yield* unreadTables(database);
    },
    close: async () => database.close(),
  };
}

/** Rows of a query by `rowid`, in batches. Its last placeholders are the id to continue after, and a limit. */
function* rowsInParts(
  database: ForeignDatabase,
  sql: string,
  value: string,
  atOnce: number,
): Generator<Loose[]> {
  for (let after = 0; ; ) {
    const rows = database.rows(sql, value, after, atOnce);
    yield rows;
    if (rows.length < atOnce) return;
    after = Number(rows.at(-1)?.["place"]);
  }
}

const [runsAtOnce, pointsAtOnce] = [500, 5000];

async function* readRuns(
  database: ForeignDatabase,
  project: MovedProject,
): AsyncGenerator<MovedRun | Damage> {
  const sql =
    "SELECT rowid AS place, * FROM runs WHERE experiment_id = ? AND rowid > ? ORDER BY rowid LIMIT ?";
  for (const rows of rowsInParts(database, sql, project.id, runsAtOnce)) {
    for (const row of rows) {
      const id = textIn(row, "run_uuid");
      yield await orDamage(id, () =>
        runFrom(project.id, id, row, {
          tags: factsIn(database, "tags", "run_uuid", id),
          params: factsIn(database, "params", "run_uuid", id),
          inputs: inputsOf(database, id),
          modelInputs: linked(database, "RUN_INPUT", "MODEL_INPUT", id).map((link) =>
            textIn(link, "destination_id"),
          ),
          outputs: linked(database, "RUN_OUTPUT", "MODEL_OUTPUT", id).map((link) =>
            outputFrom(link, "destination_id"),
          ),
        }),
      );
    }
  }
}

function linked(database: ForeignDatabase, from: string, to: string, id: string): Loose[] {
  const where = "WHERE source_type = ? AND destination_type = ? AND source_id = ? ORDER BY destination_id";
  return readTable(database, "inputs", where, from, to, id);
}

function inputsOf(database: ForeignDatabase, id: string): MovedRun["inputs"] {
  const where = "WHERE source_type = 'DATASET' AND destination_type = 'RUN' AND destination_id = ?";
  return readTable(database, "inputs", where, id).flatMap((link) => {
    const [row] = readTable(database, "datasets", "WHERE dataset_uuid = ?", textIn(link, "source_id"));
    const tags = factsIn(database, "input_tags", "input_uuid", textIn(link, "input_uuid"), "name");
    return row ? [inputFrom(row, tags, "dataset_")] : [];
  });
}

async function* readPoints(database: ForeignDatabase, id: string): AsyncGenerator<MovedPoint[]> {
  const columns = database.columns("metrics");
  const [step, isNan] = [columns.has("step") ? "step" : "0", columns.has("is_nan") ? "is_nan" : "0"];
  const sql = `SELECT rowid AS place, key, value, timestamp, ${step} AS step, ${isNan} AS is_nan FROM metrics
    WHERE run_uuid = ? AND rowid > ? ORDER BY rowid LIMIT ?`;
  for (const rows of rowsInParts(database, sql, id, pointsAtOnce)) {
    yield rows.map((row) => ({
      key: textIn(row, "key"),
      step: Number(row["step"]),
      ms: Number(row["timestamp"]),
      value: Number(row["is_nan"]) ? Number.NaN : unclamped(Number(row["value"])),
    }));
  }
}

/** Logged models of an experiment; none in a file older than release 3. */
async function* readModels(database: ForeignDatabase, project: string): AsyncGenerator<MovedModel> {
  const where = "WHERE experiment_id = ? ORDER BY creation_timestamp_ms, model_id";
  for (const row of readTable(database, "logged_models", where, project)) {
    const id = textIn(row, "model_id");
    const points = readTable(database, "logged_model_metrics", "WHERE model_id = ?", id);
    const parts = {
      tags: factsIn(database, "logged_model_tags", "model_id", id, "tag_key", "tag_value"),
      params: factsIn(database, "logged_model_params", "model_id", id, "param_key", "param_value"),
      metrics: points.map((point) => ({
        key: textIn(point, "metric_name"),
        step: wholeIn(point, "metric_step") ?? 0,
        ms: wholeIn(point, "metric_timestamp_ms") ?? 0,
        // SQLite stores NaN as NULL.
        value: point["metric_value"] === null ? Number.NaN : unclamped(Number(point["metric_value"])),
        run: textIn(point, "run_id"),
        datasetName: textIn(point, "dataset_name"),
        datasetDigest: textIn(point, "dataset_digest"),
      })),
    };
    yield modelFrom(project, id, row, parts, "_ms");
  }
}

/** Registered models with their versions. */
async function* readRegistry(database: ForeignDatabase): AsyncGenerator<MovedName> {
  for (const row of readTable(database, "registered_models", "ORDER BY name")) {
    const name = textIn(row, "name");
    const of = (table: string, order: string): Loose[] =>
      readTable(database, table, `WHERE name = ? ORDER BY ${order}`, name);
    const tags = of("model_version_tags", "key");
    const versions = of("model_versions", "version").filter((one) => one["current_stage"] !== deletedStage);
    const aliases = of("registered_model_aliases", "alias").map((alias) => ({
      alias: textIn(alias, "alias"),
      version: wholeIn(alias, "version") ?? 0,
    }));
    const parts = {
      tags: factsIn(database, "registered_model_tags", "name", name),
      aliases,
      versions: versions.map((version) => {
        const [run] = readTable(database, "runs", "WHERE run_uuid = ?", textIn(version, "run_id"));
        return versionFrom(
          version,
          {
            loggedModel: loggedModelOf(version),
            runPlace: textIn(run ?? {}, "artifact_uri"),
            tags: tags
              .filter((tag) => wholeIn(tag, "version") === wholeIn(version, "version"))
              .map((tag) => ({ key: textIn(tag, "key"), value: textIn(tag, "value") })),
          },
          "time",
        );
      }),
    };
    yield nameFrom(row, parts, "time");
  }
}

/** Tables that are imported, or contain no history. */
const readTables: ReadonlySet<string> = new Set([
  "alembic_version",
  "datasets",
  "experiment_tags",
  "experiments",
  "input_tags",
  "inputs",
  "latest_metrics",
  "logged_model_metrics",
  "logged_model_params",
  "logged_model_tags",
  "logged_models",
  "metrics",
  "model_version_tags",
  "model_versions",
  "params",
  "registered_model_aliases",
  "registered_model_tags",
  "registered_models",
  "runs",
  "tags",
  // One row for everything, unless a server is configured otherwise.
  "workspaces",
]);
/** Tables that belong to traces. */
const traceTables = /^(?:trace_|span|assessment)/;

/** Counts traces, and rows of tables that a later release added. */
function* unreadTables(database: ForeignDatabase): Generator<NotCarried> {
  const tables =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
  for (const table of database.rows(tables).map((row) => textIn(row, "name"))) {
    const isTraces = table === "trace_info";
    if (readTables.has(table) || (traceTables.test(table) && !isTraces)) continue;
    const quoted = `"${table.replaceAll('"', '""')}"`;
    const count = Number(database.rows(`SELECT count(*) AS count FROM ${quoted}`)[0]?.["count"]);
    if (count === 0) continue;
    const named = isTraces ? database.rows(`SELECT request_id FROM trace_info LIMIT ${maxListedNames}`) : [];
    const names = named.map((row) => textIn(row, "request_id"));
    yield { kind: isTraces ? "traces" : `rows of the table ${table}`, count, names };
  }
}

/** All matching rows of a table that may not exist. */
function readTable(database: ForeignDatabase, table: string, where: string, ...values: string[]): Loose[] {
  if (database.columns(table).size === 0) return [];
  return database.rows(`SELECT * FROM ${table} ${where}`, ...values);
}

/** Facts of an owner in a table with the columns (key, value, owner). */
function factsIn(
  database: ForeignDatabase,
  table: string,
  owner: string,
  id: string,
  key = "key",
  value = "value",
): KeyValue[] {
  return readTable(database, table, `WHERE ${owner} = ? ORDER BY 1`, id).map((row) => ({
    key: textIn(row, key),
    value: textIn(row, value),
  }));
}
