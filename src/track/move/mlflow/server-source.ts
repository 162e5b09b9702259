/**
 * @file Histories from a tracking server, by its public routes, page by page; files as the server reads them from
 * wherever they lie.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/protos/model_registry.proto; mlflow/server/handlers.py,
 *   get_artifact_handler, _list_artifacts
 */
import type { RunInput } from "../../tracking/datasets.ts";
import type {
  Damage,
  FileOwner,
  HistorySource,
  MovedFile,
  MovedModel,
  MovedName,
  MovedPoint,
  MovedProject,
  MovedRun,
  MovedVersion,
} from "../history.ts";
import { type Loose, looseList, looseOf, msIn, reasonOf, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { factsOf, pages, type Rest } from "./rest.ts";
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

/** The logged models of an experiment; none where the server is of a release before 3. Deleted ones are not told. */
async function* serverModels(rest: Rest, project: string): AsyncGenerator<MovedModel> {
  const fields = { experiment_ids: [project], max_results: 50 };
  for await (const item of pages(rest, "POST", `${api}/logged-models/search`, fields, "models")) {
    const [info, data] = [looseOf(item["info"]), looseOf(item["data"])];
    const createdMs = msIn(info, "creation_timestamp_ms") ?? 0;
    yield {
      id: textIn(info, "model_id"),
      project,
      name: textIn(info, "name"),
      kind: textIn(info, "model_type"),
      status: modelStatusFrom(info["status"]),
      stage: stageFrom(info["lifecycle_stage"]),
      sourceRun: textOrNull(info, "source_run_id"),
      createdMs,
      changedMs: msIn(info, "last_updated_timestamp_ms") ?? createdMs,
      tags: factsOf(info["tags"]),
      params: factsOf(data["params"]),
      metrics: looseList(data["metrics"]).map((metric) => ({
        key: textIn(metric, "key"),
        step: wholeIn(metric, "step") ?? 0,
        ms: wholeIn(metric, "timestamp") ?? 0,
        value: unclamped(Number(metric["value"])),
        run: textIn(metric, "run_id"),
        datasetName: textIn(metric, "dataset_name"),
        datasetDigest: textIn(metric, "dataset_digest"),
      })),
    };
  }
}

/** Names of the registry with their versions. */
async function* serverRegistry(rest: Rest): AsyncGenerator<MovedName> {
  const names = pages(
    rest,
    "GET",
    `${api}/registered-models/search`,
    { max_results: 100 },
    "registered_models",
  );
  for await (const item of names) {
    const name = textIn(item, "name");
    const filter = `name='${name.replaceAll("'", "\\'")}'`;
    const fields = { filter, max_results: 1000 };
    const versions: MovedVersion[] = [];
    for await (const found of pages(rest, "GET", `${api}/model-versions/search`, fields, "model_versions"))
      versions.push(versionFrom(found));
    yield {
      name,
      description: textOrNull(item, "description"),
      createdMs: msIn(item, "creation_timestamp") ?? 0,
      tags: factsOf(item["tags"]),
      aliases: looseList(item["aliases"]).map((alias) => ({
        alias: textIn(alias, "alias"),
        version: wholeIn(alias, "version") ?? 0,
      })),
      versions: versions.sort((a, b) => a.version - b.version),
    };
  }
}

function versionFrom(item: Loose): MovedVersion {
  const createdMs = msIn(item, "creation_timestamp") ?? 0;
  const source = textIn(item, "source");
  const run = textOrNull(item, "run_id");
  const loggedModel = textOrNull(item, "model_id") ?? /^models:\/(m-[0-9a-f]{32})$/.exec(source)?.[1] ?? null;
  return {
    version: wholeIn(item, "version") ?? 0,
    stage: versionStageFrom(item["current_stage"]),
    description: textOrNull(item, "description"),
    source,
    run,
    runLink: textOrNull(item, "run_link"),
    loggedModel,
    path: versionPath(source, { run, loggedModel, runPlace: "" }),
    person: textIn(item, "user_id"),
    createdMs,
    changedMs: msIn(item, "last_updated_timestamp") ?? createdMs,
    tags: factsOf(item["tags"]),
  };
}

/** Folders in folders, at most. */
const depthMost = 64;

/** All files of an owner. */
async function* serverFiles(rest: Rest, owner: FileOwner): AsyncGenerator<MovedFile | Damage> {
  yield* below(rest, owner, "", 0);
}

async function* below(
  rest: Rest,
  owner: FileOwner,
  folder: string,
  depth: number,
): AsyncGenerator<MovedFile | Damage> {
  const isRun = owner.of === "run";
  const path = isRun
    ? "/api/2.0/mlflow/artifacts/list"
    : `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(owner.id)}/artifacts/directories`;
  const about = isRun ? { run_id: owner.id } : {};
  const where = folder === "" ? {} : { [isRun ? "path" : "artifact_directory_path"]: folder };
  for (let token = ""; ; ) {
    const answer: Loose | null = await rest.ask("GET", path, {
      ...about,
      ...where,
      ...(token === "" ? {} : { page_token: token }),
    });
    for (const entry of looseList(answer?.["files"])) {
      const name = textIn(entry, "path");
      if (entry["is_dir"] === true) {
        if (depth < depthMost && name.startsWith(folder) && name !== folder)
          yield* below(rest, owner, name, depth + 1);
      } else yield fileOf(rest, owner, name, wholeIn(entry, "file_size") ?? 0);
    }
    const next = textOrNull(answer ?? {}, "next_page_token");
    if (next === null || next === token) return;
    token = next;
  }
}

function fileOf(rest: Rest, { of, id }: FileOwner, path: string, bytes: number): MovedFile {
  return {
    path,
    bytes,
    open: async () => {
      const content =
        of === "run"
          ? await rest.download("/get-artifact", { run_uuid: id, path })
          : await rest.download(
              `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(id)}/artifacts/files`,
              { artifact_file_path: path },
            );
      if (content === null) throw new Error(`the server does not give the file ${path}`);
      return content;
    },
  };
}
