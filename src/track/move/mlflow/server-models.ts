/**
 * @file Logged models and the registry from a tracking server.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/protos/model_registry.proto
 */
import type { MovedModel, MovedName, MovedVersion } from "../history.ts";
import { type Loose, looseList, looseOf, msIn, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { factsOf, pages } from "./pages.ts";
import type { Rest } from "./rest.ts";
import { versionPath } from "./version-path.ts";
import { modelStatusFrom, stageFrom, unclamped, versionStageFrom } from "./words.ts";

const api = "/api/2.0/mlflow";

/** The logged models of an experiment; none where the server is of a release before 3. Deleted ones are not told. */
export async function* serverModels(rest: Rest, project: string): AsyncGenerator<MovedModel> {
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
export async function* serverRegistry(rest: Rest): AsyncGenerator<MovedName> {
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
