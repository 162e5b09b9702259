/**
 * @file Histories from an `mlruns` folder: a folder for each experiment, in it one for each run, in it a file for each
 * metric, parameter and tag.
 *
 * @source mlflow/mlflow mlflow/store/tracking/file_store.py, mlflow/store/model_registry/file_store.py
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openRegularFile } from "../../../untrusted/index.ts";
import type { RunInput } from "../../tracking/datasets.ts";
import type { Damage, HistorySource, MovedPoint, MovedProject, MovedRun } from "../history.ts";
import { looseOf, msIn, reasonOf, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { foldersIn, keysBelow, readFactFiles, readMeta } from "./folder-files.ts";
import { folderModels, folderRegistry } from "./folder-models.ts";
import { filesBelow } from "./local-files.ts";
import { readMetricLine } from "./metric-line.ts";
import { contextTag, nameAndPerson, stageFrom, statusFrom } from "./words.ts";

/** Where deleted experiments lie. */
const trash = ".trash";
/** Folders beside the experiments' own. */
const noExperiments: ReadonlySet<string> = new Set([trash, "models"]);
/** Folders beside the runs of an experiment. */
const noRuns: ReadonlySet<string> = new Set(["tags", "datasets", "traces", "models"]);

/** An `mlruns` folder as a source; nothing outside of it is read. */
export function mlflowFolder(root: string): HistorySource {
  const folders = new Map<string, string>();
  const folderOf = (project: string): string => folders.get(project) ?? join(root, project);
  return {
    place: root,
    projects: async function* () {
      for (const parent of [root, join(root, trash)]) {
        for (const name of await foldersIn(parent)) {
          if (noExperiments.has(name)) continue;
          const folder = join(parent, name);
          try {
            // Before it is given: its runs are asked for while this waits.
            folders.set(name, folder);
            yield await projectFrom(folder, name);
          } catch (error) {
            yield { kind: "damage", what: name, reason: reasonOf(error) };
          }
        }
      }
    },
    runs: (project) => readRuns(folderOf(project.id), project),
    points: (run) => readPoints(join(folderOf(run.project), run.id, "metrics")),
    models: (project) => folderModels(join(folderOf(project.id), "models"), project.id),
    registry: () => folderRegistry(join(root, "models")),
    // Folders are moved and copied: what lies in the run's own folder counts, whatever its address says.
    files: ({ of, id, project }) =>
      filesBelow(root, join(folderOf(project), ...(of === "model" ? ["models"] : []), id, "artifacts"), id),
    close: async () => undefined,
  };
}

async function projectFrom(folder: string, id: string): Promise<MovedProject> {
  const meta = await readMeta(folder);
  const tags = await readFactFiles(join(folder, "tags"));
  return { id, name: textIn(meta, "name") || id, stage: stageFrom(meta["lifecycle_stage"]), tags };
}

async function* readRuns(folder: string, project: MovedProject): AsyncGenerator<MovedRun | Damage> {
  for (const id of await foldersIn(folder)) {
    if (noRuns.has(id)) continue;
    try {
      yield await runFrom(folder, id, project);
    } catch (error) {
      yield { kind: "damage", what: id, reason: reasonOf(error) };
    }
  }
}

async function runFrom(experiment: string, id: string, project: MovedProject): Promise<MovedRun> {
  const folder = join(experiment, id);
  const meta = await readMeta(folder);
  const tags = await readFactFiles(join(folder, "tags"));
  const given = { name: textIn(meta, "run_name"), person: textIn(meta, "user_id") };
  const { inputs, modelInputs } = await inputsOf(experiment, folder);
  return {
    id,
    project: project.id,
    ...nameAndPerson(id, given, tags),
    status: statusFrom(textIn(meta, "status")),
    stage: stageFrom(meta["lifecycle_stage"]),
    deletedMs: msIn(meta, "deleted_time"),
    startedMs: msIn(meta, "start_time") ?? 0,
    endedMs: msIn(meta, "end_time"),
    params: await readFactFiles(join(folder, "params")),
    inputs,
    modelInputs,
    outputs: await outputsOf(folder),
  };
}

async function inputsOf(
  experiment: string,
  folder: string,
): Promise<{ inputs: RunInput[]; modelInputs: string[] }> {
  const inputs: RunInput[] = [];
  const modelInputs: string[] = [];
  for (const name of await foldersIn(join(folder, "inputs"))) {
    const link = await readMeta(join(folder, "inputs", name));
    const id = textIn(link, "source_id");
    if (!/^[\w-]+$/.test(id)) throw new Error(`its input ${name} names no data`);
    if (link["source_type"] === "MODEL") {
      modelInputs.push(id);
      continue;
    }
    const about = await readMeta(join(experiment, "datasets", id));
    const tags = Object.entries(looseOf(link["tags"])).map(([key, value]) => ({ key, value: String(value) }));
    const dataset = {
      name: textIn(about, "name"),
      digest: textIn(about, "digest"),
      sourceType: textIn(about, "source_type"),
      source: textIn(about, "source"),
      schema: textOrNull(about, "schema"),
      profile: textOrNull(about, "profile"),
    };
    inputs.push({ dataset, context: tags.find(({ key }) => key === contextTag)?.value ?? "", tags });
  }
  return { inputs, modelInputs };
}

async function outputsOf(folder: string): Promise<MovedRun["outputs"]> {
  const outputs: MovedRun["outputs"][number][] = [];
  for (const modelId of await foldersIn(join(folder, "outputs"))) {
    const link = await readMeta(join(folder, "outputs", modelId));
    outputs.push({ modelId, step: wholeIn(link, "step") ?? 0 });
  }
  return outputs;
}

/** Points given at once. */
const pointsAtOnce = 5000;

async function* readPoints(folder: string): AsyncGenerator<MovedPoint[]> {
  let some: MovedPoint[] = [];
  for (const key of await keysBelow(folder)) {
    const lines = createInterface({
      input: (await openRegularFile(join(folder, key))).createReadStream(),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    for await (const line of lines) {
      if (line === "") continue;
      const point = readMetricLine(line);
      if (point === null) throw new Error(`a line of the metric ${key} is no point: ${line.slice(0, 100)}`);
      some.push({ key, ...point });
      if (some.length < pointsAtOnce) continue;
      yield some;
      some = [];
    }
  }
  yield some;
}
