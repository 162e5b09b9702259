/**
 * @file Histories from a tracking server, by its public routes, page by page.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto
 */
import type { RunInput } from "../../tracking/datasets.ts";
import type { Damage, HistorySource, MovedPoint, MovedProject, MovedRun } from "../history.ts";
import { type Loose, looseList, looseOf, msIn, reasonOf, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { factsOf, pages } from "./pages.ts";
import type { Rest } from "./rest.ts";
import { serverFiles } from "./server-files.ts";
import { serverModels, serverRegistry } from "./server-models.ts";
import { contextTag, nameAndPerson, stageFrom, statusFrom, unclamped } from "./words.ts";

const api = "/api/2.0/mlflow";

/** A server as a source. */
export function mlflowServer(rest: Rest): HistorySource {
  return {
    place: rest.place,
    projects: async function* () {
      const fields = { view_type: "ALL", max_results: 1000 };
      for await (const item of pages(rest, "POST", `${api}/experiments/search`, fields, "experiments")) {
        yield {
          id: textIn(item, "experiment_id"),
          name: textIn(item, "name"),
          stage: stageFrom(item["lifecycle_stage"]),
          tags: factsOf(item["tags"]),
        };
      }
    },
    runs: (project) => readRuns(rest, project),
    points: (run) => readPoints(rest, run),
    models: (project) => serverModels(rest, project.id),
    registry: () => serverRegistry(rest),
    files: (owner) => serverFiles(rest, owner),
    close: async () => undefined,
  };
}

/** Keys of a run's metrics, which the list of runs tells; points are asked for by key. */
const keysOfRuns = new WeakMap<MovedRun, readonly string[]>();

async function* readRuns(rest: Rest, project: MovedProject): AsyncGenerator<MovedRun | Damage> {
  const fields = { experiment_ids: [project.id], run_view_type: "ALL", max_results: 500 };
  for await (const item of pages(rest, "POST", `${api}/runs/search`, fields, "runs")) {
    const info = looseOf(item["info"]);
    try {
      const run = runFrom(project, info, item);
      keysOfRuns.set(
        run,
        looseList(looseOf(item["data"])["metrics"]).map((metric) => textIn(metric, "key")),
      );
      yield run;
    } catch (error) {
      yield { kind: "damage", what: textIn(info, "run_id"), reason: reasonOf(error) };
    }
  }
}

function runFrom(project: MovedProject, info: Loose, item: Loose): MovedRun {
  const data = looseOf(item["data"]);
  const inputs = looseOf(item["inputs"]);
  const id = textIn(info, "run_id") || textIn(info, "run_uuid");
  const given = { name: textIn(info, "run_name"), person: textIn(info, "user_id") };
  return {
    id,
    project: project.id,
    ...nameAndPerson(id, given, factsOf(data["tags"])),
    status: statusFrom(info["status"]),
    stage: stageFrom(info["lifecycle_stage"]),
    deletedMs: null,
    startedMs: msIn(info, "start_time") ?? 0,
    endedMs: msIn(info, "end_time"),
    params: factsOf(data["params"]),
    inputs: looseList(inputs["dataset_inputs"]).map(inputFrom),
    modelInputs: looseList(inputs["model_inputs"]).map((model) => textIn(model, "model_id")),
    outputs: looseList(looseOf(item["outputs"])["model_outputs"]).map((output) => ({
      modelId: textIn(output, "model_id"),
      step: wholeIn(output, "step") ?? 0,
    })),
  };
}

function inputFrom(item: Loose): RunInput {
  const about = looseOf(item["dataset"]);
  const tags = factsOf(item["tags"]);
  const dataset = {
    name: textIn(about, "name"),
    digest: textIn(about, "digest"),
    sourceType: textIn(about, "source_type"),
    source: textIn(about, "source"),
    schema: textOrNull(about, "schema"),
    profile: textOrNull(about, "profile"),
  };
  return { dataset, context: tags.find(({ key }) => key === contextTag)?.value ?? "", tags };
}

/** Points of a page, at most. @source mlflow/mlflow mlflow/server/handlers.py, _get_metric_history */
const pageMost = 25_000;

async function* readPoints(rest: Rest, run: MovedRun): AsyncGenerator<MovedPoint[]> {
  let some: MovedPoint[] = [];
  for (const key of keysOfRuns.get(run) ?? []) {
    const fields = { run_id: run.id, metric_key: key, max_results: pageMost };
    for await (const item of pages(rest, "GET", `${api}/metrics/get-history`, fields, "metrics")) {
      some.push(pointFrom(key, item));
      if (some.length < pointsAtOnce) continue;
      yield some;
      some = [];
    }
  }
  yield some;
}

const pointsAtOnce = 5000;

function pointFrom(key: string, item: Loose): MovedPoint {
  const [ms, step] = [wholeIn(item, "timestamp"), wholeIn(item, "step") ?? 0];
  const value = typeof item["value"] === "number" ? item["value"] : Number(textIn(item, "value") || 0);
  if (ms === null) throw new Error(`a point of the metric ${key} has no time`);
  return { key, step, ms, value: unclamped(value) };
}
