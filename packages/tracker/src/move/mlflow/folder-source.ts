/**
 * @file Reads histories from an `mlruns` folder. It has a folder per experiment, in it one per run, and in that a file
 * per metric, parameter and tag. Logged models and the registry have folders of their own.
 *
 * @source mlflow/mlflow mlflow/store/tracking/file_store.py, mlflow/store/model_registry/file_store.py
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openRegularFile } from "@tunewise/core/untrusted";
import type { ModelMetric } from "../../models/types.ts";
import type { Point } from "../../points/point.ts";
import {
  type Damage,
  type HistorySource,
  inParts,
  type MovedModel,
  type MovedName,
  type MovedPoint,
  type MovedProject,
  type MovedRun,
  type MovedVersion,
  orDamage,
} from "../history.ts";
import { looseOf, textIn, textOrNull, wholeIn } from "../read-row.ts";
import {
  foldersIn,
  keysBelow,
  readFactFiles,
  readMeta,
  registryFolder,
  smallText,
  trash,
  versionFolder,
} from "./folder-files.ts";
import { leftoversIn } from "./folder-leftovers.ts";
import { filesBelow } from "./local-files.ts";
import { readMetricLine } from "./metric-line.ts";
import {
  deletedStage,
  inputFrom,
  modelFrom,
  nameFrom,
  outputFrom,
  runFrom,
  stageFrom,
  versionFrom,
} from "./mlflow-rows.ts";

/** Folders next to the experiments' that are not experiments. */
const notExperiments: ReadonlySet<string> = new Set([trash, registryFolder]);
/** Folders next to an experiment's runs that are not runs. */
const notRuns: ReadonlySet<string> = new Set(["tags", "datasets", "traces", "models"]);

/** An `mlruns` folder as a source. Nothing outside the folder is read. */
export function mlflowFolder(root: string): HistorySource {
  const folders = new Map<string, string>();
  const folderOf = (project: string): string => folders.get(project) ?? join(root, project);
  return {
    place: root,
    projects: async function* () {
      for (const parent of [root, join(root, trash)]) {
        for (const name of await foldersIn(parent)) {
          if (notExperiments.has(name)) continue;
          // Set before the project is yielded, because its runs are read during the iteration.
          folders.set(name, join(parent, name));
          yield await orDamage(name, () => projectFrom(join(parent, name), name));
        }
      }
    },
    runs: (project) => readRuns(folderOf(project.id), project),
    points: (run) => inParts(readPoints(join(folderOf(run.project), run.id, "metrics"))),
    models: (project) => readModels(join(folderOf(project.id), "models"), project.id),
    registry: () => readRegistry(join(root, registryFolder)),
    // Folders get moved and copied, so files are read from the run's own folder and its recorded address is ignored.
    files: ({ of, id, project }) =>
      filesBelow(root, join(folderOf(project), ...(of === "model" ? ["models"] : []), id, "artifacts"), id),
    others: () => leftoversIn(root),
    close: async () => undefined,
  };
}

async function projectFrom(folder: string, id: string): Promise<MovedProject> {
  const meta = await readMeta(folder);
  const tags = await readFactFiles(join(folder, "tags"));
  return { id, name: textIn(meta, "name") || id, stage: stageFrom(meta["lifecycle_stage"]), tags };
}

async function* readRuns(experiment: string, project: MovedProject): AsyncGenerator<MovedRun | Damage> {
  for (const id of await foldersIn(experiment)) {
    if (notRuns.has(id)) continue;
    yield await orDamage(id, async () => {
      const folder = join(experiment, id);
      return runFrom(project.id, id, await readMeta(folder), {
        tags: await readFactFiles(join(folder, "tags")),
        ...(await inputsOf(experiment, folder)),
        params: await readFactFiles(join(folder, "params")),
        outputs: await outputsOf(folder),
      });
    });
  }
}

async function inputsOf(
  experiment: string,
  folder: string,
): Promise<Pick<MovedRun, "inputs" | "modelInputs">> {
  const inputs: MovedRun["inputs"][number][] = [];
  const modelInputs: string[] = [];
  for (const name of await foldersIn(join(folder, "inputs"))) {
    const link = await readMeta(join(folder, "inputs", name));
    const id = textIn(link, "source_id");
    if (!/^[\w-]+$/.test(id)) throw new Error(`its input ${name} names no data`);
    if (link["source_type"] === "MODEL") {
      modelInputs.push(id);
      continue;
    }
    const tags = Object.entries(looseOf(link["tags"])).map(([key, value]) => ({ key, value: String(value) }));
    inputs.push(inputFrom(await readMeta(join(experiment, "datasets", id)), tags));
  }
  return { inputs, modelInputs };
}

async function outputsOf(folder: string): Promise<MovedRun["outputs"]> {
  const outputs: MovedRun["outputs"][number][] = [];
  for (const model of await foldersIn(join(folder, "outputs"))) {
    const link = await readMeta(join(folder, "outputs", model));
    outputs.push(outputFrom({ ...link, model }, "model"));
  }
  return outputs;
}

async function* readPoints(folder: string): AsyncGenerator<MovedPoint> {
  for (const key of await keysBelow(folder)) {
    const lines = createInterface({
      input: (await openRegularFile(join(folder, key))).createReadStream(),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    for await (const line of lines) if (line !== "") yield { key, ...pointIn(key, line) };
  }
}

function pointIn(key: string, line: string): Point {
  const point = readMetricLine(line);
  if (point === null) throw new Error(`a line of the metric ${key} is no point: ${line.slice(0, 100)}`);
  return point;
}

/** Maximum bytes of a model's metric: models have single figures, not curves. */
const maxMetricBytes = 64 * 1024 * 1024;

async function* readModels(models: string, project: string): AsyncGenerator<MovedModel | Damage> {
  for (const id of await foldersIn(models)) {
    const folder = join(models, id);
    yield await orDamage(id, async () =>
      modelFrom(project, id, await readMeta(folder), {
        tags: await readFactFiles(join(folder, "tags")),
        params: await readFactFiles(join(folder, "params")),
        metrics: await metricsOf(join(folder, "metrics")),
      }),
    );
  }
}

async function metricsOf(folder: string): Promise<ModelMetric[]> {
  const metrics: ModelMetric[] = [];
  for (const key of await keysBelow(folder)) {
    for (const line of (await smallText(join(folder, key), maxMetricBytes)).split("\n")) {
      if (line === "") continue;
      const [, , , run = "", datasetName = "", datasetDigest = ""] = line.trim().split(" ");
      metrics.push({ key, ...pointIn(key, line), run, datasetName, datasetDigest });
    }
  }
  return metrics;
}

async function* readRegistry(registry: string): AsyncGenerator<MovedName | Damage> {
  for (const name of await foldersIn(registry)) {
    const folder = join(registry, name);
    yield await orDamage(name, async () => {
      const aliases = await readFactFiles(join(folder, "aliases"));
      return nameFrom(await readMeta(folder), {
        versions: await versionsIn(folder),
        tags: await readFactFiles(join(folder, "tags")),
        aliases: aliases.map(({ key, value }) => ({
          alias: key,
          version: wholeIn({ value: value.trim() }, "value") ?? 0,
        })),
      });
    });
  }
}

async function versionsIn(folder: string): Promise<MovedVersion[]> {
  const versions: MovedVersion[] = [];
  for (const name of await foldersIn(folder)) {
    if (!versionFolder.test(name)) continue;
    const meta = await readMeta(join(folder, name));
    if (meta["current_stage"] === deletedStage) continue;
    const tags = await readFactFiles(join(folder, name, "tags"));
    versions.push(versionFrom(meta, { loggedModel: textOrNull(meta, "model_id"), tags }));
  }
  return versions;
}
