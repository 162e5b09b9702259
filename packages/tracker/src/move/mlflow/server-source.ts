/**
 * @file Reads histories from a tracking server through its public API, page by page. The server fetches artifacts from
 * wherever they are stored.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/protos/model_registry.proto; mlflow/server/handlers.py,
 *   get_artifact_handler, _list_artifacts
 */

import { promptTag } from "../../models/registry-search.ts";
import {
  type Damage,
  type FileOwner,
  type HistorySource,
  inParts,
  type MovedFile,
  type MovedModel,
  type MovedName,
  type MovedPoint,
  type MovedProject,
  type MovedRun,
  type MovedVersion,
  type NotCarried,
  orDamage,
  Tally,
} from "../history.ts";
import { looseList, looseOf, textIn, wholeIn } from "../read-row.ts";
import {
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
import { factsOf, pages, type Rest } from "./rest.ts";

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
    points: (run) => inParts(readPoints(rest, run)),
    models: (project) => readModels(rest, project.id),
    registry: () => readRegistry(rest),
    files: (owner) => filesBelow(rest, owner, "", 0),
    others: () => countTraces(rest),
    close: async () => undefined,
  };
}

/** Metric keys of a run, from the list of runs; points are requested by key. */
const keysOfRuns = new WeakMap<MovedRun, readonly string[]>();

async function* readRuns(rest: Rest, project: MovedProject): AsyncGenerator<MovedRun | Damage> {
  const fields = { experiment_ids: [project.id], run_view_type: "ALL", max_results: 500 };
  for await (const item of pages(rest, "POST", `${api}/runs/search`, fields, "runs")) {
    const info = looseOf(item["info"]);
    yield await orDamage(textIn(info, "run_id"), () => {
      const data = looseOf(item["data"]);
      const inputs = looseOf(item["inputs"]);
      const run = runFrom(project.id, textIn(info, "run_id") || textIn(info, "run_uuid"), info, {
        tags: factsOf(data["tags"]),
        params: factsOf(data["params"]),
        inputs: looseList(inputs["dataset_inputs"]).map((input) =>
          inputFrom(looseOf(input["dataset"]), factsOf(input["tags"])),
        ),
        modelInputs: looseList(inputs["model_inputs"]).map((model) => textIn(model, "model_id")),
        outputs: looseList(looseOf(item["outputs"])["model_outputs"]).map((one) =>
          outputFrom(one, "model_id"),
        ),
      });
      const keys = looseList(data["metrics"]).map((metric) => textIn(metric, "key"));
      keysOfRuns.set(run, keys);
      return run;
    });
  }
}

/** Maximum points of a page. @source mlflow/mlflow mlflow/server/handlers.py, _get_metric_history */
const maxPagePoints = 25_000;

async function* readPoints(rest: Rest, run: MovedRun): AsyncGenerator<MovedPoint> {
  for (const key of keysOfRuns.get(run) ?? []) {
    const fields = { run_id: run.id, metric_key: key, max_results: maxPagePoints };
    for await (const item of pages(rest, "GET", `${api}/metrics/get-history`, fields, "metrics")) {
      const [ms, step] = [wholeIn(item, "timestamp"), wholeIn(item, "step") ?? 0];
      const value = typeof item["value"] === "number" ? item["value"] : Number(textIn(item, "value") || 0);
      if (ms === null) throw new Error(`a point of the metric ${key} has no time`);
      yield { key, step, ms, value: unclamped(value) };
    }
  }
}

/** Logged models of an experiment; none on a server older than release 3. Deleted ones are not listed. */
async function* readModels(rest: Rest, project: string): AsyncGenerator<MovedModel> {
  const fields = { experiment_ids: [project], max_results: 50 };
  for await (const item of pages(rest, "POST", `${api}/logged-models/search`, fields, "models")) {
    const [info, data] = [looseOf(item["info"]), looseOf(item["data"])];
    const metrics = looseList(data["metrics"]).map((metric) => ({
      key: textIn(metric, "key"),
      step: wholeIn(metric, "step") ?? 0,
      ms: wholeIn(metric, "timestamp") ?? 0,
      value: unclamped(Number(metric["value"])),
      run: textIn(metric, "run_id"),
      datasetName: textIn(metric, "dataset_name"),
      datasetDigest: textIn(metric, "dataset_digest"),
    }));
    const parts = { tags: factsOf(info["tags"]), params: factsOf(data["params"]), metrics };
    yield modelFrom(project, textIn(info, "model_id"), info, parts, "_ms");
  }
}

/** Registered models with their versions: models, then prompts, which servers list only on request. */
async function* readRegistry(rest: Rest): AsyncGenerator<MovedName> {
  const seen = new Set<string>();
  for (const prompts of ["", `tags.\`${promptTag}\` = 'true'`]) {
    for await (const name of readNames(rest, prompts)) {
      if (!seen.has(name.name)) yield name;
      seen.add(name.name);
    }
  }
}

/** @param prompts a condition that selects prompts; empty for models */
async function* readNames(rest: Rest, prompts: string): AsyncGenerator<MovedName> {
  const wanted = prompts === "" ? {} : { filter: prompts };
  const list = [
    `${api}/registered-models/search`,
    { max_results: 100, ...wanted },
    "registered_models",
  ] as const;
  for await (const item of pages(rest, "GET", ...list)) {
    const named = `name='${textIn(item, "name").replaceAll("'", "\\'")}'`;
    const filter = prompts === "" ? named : `${named} AND ${prompts}`;
    const fields = { filter, max_results: 1000 };
    const versions: MovedVersion[] = [];
    for await (const row of pages(rest, "GET", `${api}/model-versions/search`, fields, "model_versions"))
      versions.push(versionFrom(row, { loggedModel: loggedModelOf(row), tags: factsOf(row["tags"]) }));
    const aliases = looseList(item["aliases"]).map((alias) => ({
      alias: textIn(alias, "alias"),
      version: wholeIn(alias, "version") ?? 0,
    }));
    yield nameFrom(item, { tags: factsOf(item["tags"]), aliases, versions });
  }
}

/** Counts traces through the API of release 3 or, if the server lacks it, of release 2. */
async function* countTraces(rest: Rest): AsyncGenerator<NotCarried> {
  const found = new Tally("traces");
  const about = { view_type: "ALL", max_results: 1000 };
  for await (const item of pages(rest, "POST", `${api}/experiments/search`, about, "experiments")) {
    const id = textIn(item, "experiment_id");
    const locations = [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: id } }];
    const before = found.count;
    const fields = { locations, max_results: maxTraces };
    for await (const trace of pages(rest, "POST", "/api/3.0/mlflow/traces/search", fields, "traces"))
      found.add(textIn(trace, "trace_id"));
    if (found.count > before) continue;
    const query = { experiment_ids: id, max_results: maxTraces };
    for await (const trace of pages(rest, "GET", `${api}/traces`, query, "traces"))
      found.add(textIn(trace, "request_id"));
  }
  if (found.count > 0) yield found.total();
}

/** Traces per page. @source mlflow/mlflow mlflow/store/tracking/__init__.py, SEARCH_TRACES_DEFAULT_MAX_RESULTS */
const maxTraces = 100;

/** Maximum depth of folders. */
const maxDepth = 64;

/** All files of an owner below one of its folders. */
async function* filesBelow(
  rest: Rest,
  owner: FileOwner,
  folder: string,
  depth: number,
): AsyncGenerator<MovedFile | Damage> {
  const isRun = owner.of === "run";
  const list = isRun
    ? `${api}/artifacts/list`
    : `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(owner.id)}/artifacts/directories`;
  const where = folder === "" ? {} : { [isRun ? "path" : "artifact_directory_path"]: folder };
  const fields = { ...(isRun ? { run_id: owner.id } : {}), ...where };
  for await (const entry of pages(rest, "GET", list, fields, "files")) {
    const name = textIn(entry, "path");
    if (entry["is_dir"] !== true) yield fileOf(rest, owner, name, wholeIn(entry, "file_size") ?? 0);
    else if (depth < maxDepth && name.startsWith(folder) && name !== folder)
      yield* filesBelow(rest, owner, name, depth + 1);
  }
}

function fileOf(rest: Rest, { of, id }: FileOwner, path: string, bytes: number): MovedFile {
  const files = `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(id)}/artifacts/files`;
  return {
    path,
    bytes,
    open: async () => {
      const content = await (of === "run"
        ? rest.download("/get-artifact", { run_uuid: id, path })
        : rest.download(files, { artifact_file_path: path }));
      if (content === null) throw new Error(`the server does not give the file ${path}`);
      return content;
    },
  };
}
