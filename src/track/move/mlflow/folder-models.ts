/**
 * @file Logged models and the registry from an `mlruns` folder.
 *
 * @source mlflow/mlflow mlflow/store/tracking/file_store.py, mlflow/store/model_registry/file_store.py
 */
import { join } from "node:path";
import type { ModelMetric } from "../../models/nouns.ts";
import type { Damage, MovedModel, MovedName, MovedVersion } from "../history.ts";
import { type Loose, looseOf, msIn, reasonOf, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { foldersIn, keysBelow, readFactFiles, readMeta, smallText } from "./folder-files.ts";
import { readMetricLine } from "./metric-line.ts";
import { versionPath } from "./version-path.ts";
import { modelStatusFrom, stageFrom, versionStageFrom } from "./words.ts";

/** Bytes of one metric of a model: a model is described by its figures, it is no place for curves. */
const metricBytesMost = 64 * 1024 * 1024;

/** The logged models of an experiment's folder. */
export async function* folderModels(folder: string, project: string): AsyncGenerator<MovedModel | Damage> {
  for (const id of await foldersIn(folder)) {
    try {
      yield await modelFrom(join(folder, id), id, project);
    } catch (error) {
      yield { kind: "damage", what: id, reason: reasonOf(error) };
    }
  }
}

async function modelFrom(folder: string, id: string, project: string): Promise<MovedModel> {
  const meta = await readMeta(folder);
  const createdMs = msIn(meta, "creation_timestamp") ?? 0;
  return {
    id,
    project,
    name: textIn(meta, "name"),
    kind: textOrNull(meta, "model_type") ?? "",
    status: modelStatusFrom(textIn(meta, "status")),
    stage: stageFrom(meta["lifecycle_stage"]),
    sourceRun: textOrNull(meta, "source_run_id"),
    createdMs,
    changedMs: msIn(meta, "last_updated_timestamp") ?? createdMs,
    tags: await readFactFiles(join(folder, "tags")),
    params: await readFactFiles(join(folder, "params")),
    metrics: await metricsOf(join(folder, "metrics")),
  };
}

async function metricsOf(folder: string): Promise<ModelMetric[]> {
  const metrics: ModelMetric[] = [];
  for (const key of await keysBelow(folder)) {
    for (const line of (await smallText(join(folder, key), metricBytesMost)).split("\n")) {
      if (line === "") continue;
      const point = readMetricLine(line);
      if (point === null) throw new Error(`a line of the metric ${key} is no point: ${line.slice(0, 100)}`);
      const [, , , run = "", datasetName = "", datasetDigest = ""] = line.trim().split(" ");
      metrics.push({ key, ...point, run, datasetName, datasetDigest });
    }
  }
  return metrics;
}

/** The registry of an `mlruns` folder. */
export async function* folderRegistry(folder: string): AsyncGenerator<MovedName | Damage> {
  for (const name of await foldersIn(folder)) {
    try {
      yield await nameFrom(join(folder, name));
    } catch (error) {
      yield { kind: "damage", what: name, reason: reasonOf(error) };
    }
  }
}

async function nameFrom(folder: string): Promise<MovedName> {
  const meta = await readMeta(folder);
  const versions: MovedVersion[] = [];
  for (const name of await foldersIn(folder)) {
    if (!/^version-\d{1,9}$/.test(name)) continue;
    const about = await readMeta(join(folder, name));
    if (about["current_stage"] === deletedStage) continue;
    versions.push(await versionFrom(about, join(folder, name)));
  }
  return {
    name: textIn(meta, "name"),
    description: textOrNull(meta, "description"),
    createdMs: msIn(meta, "creation_timestamp") ?? 0,
    tags: await readFactFiles(join(folder, "tags")),
    aliases: Object.keys(looseOf(meta["aliases"])).map((alias) => ({
      alias,
      version: wholeIn(looseOf(meta["aliases"]), alias) ?? 0,
    })),
    versions: versions.sort((a, b) => a.version - b.version),
  };
}

/** What MLflow calls the stage of a version that was deleted. */
const deletedStage = "Deleted_Internal";

async function versionFrom(meta: Loose, folder: string): Promise<MovedVersion> {
  const createdMs = msIn(meta, "creation_timestamp") ?? 0;
  const source = textIn(meta, "source");
  const [run, loggedModel] = [textOrNull(meta, "run_id"), textOrNull(meta, "model_id")];
  return {
    version: wholeIn(meta, "version") ?? 0,
    stage: versionStageFrom(meta["current_stage"]),
    description: textOrNull(meta, "description"),
    source,
    run,
    runLink: textOrNull(meta, "run_link"),
    loggedModel,
    path: versionPath(textOrNull(meta, "storage_location") ?? source, { run, loggedModel, runPlace: "" }),
    person: textOrNull(meta, "user_id") ?? "",
    createdMs,
    changedMs: msIn(meta, "last_updated_timestamp") ?? createdMs,
    tags: await readFactFiles(join(folder, "tags")),
  };
}
