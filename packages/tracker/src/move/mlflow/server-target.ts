/**
 * @file Sends runs to a tracking server, within its limits: as a whole, or live while they run. A tag identifies a run
 * that was sent before, so that it is not sent twice. An export completes a live run that lost points. An interrupted
 * export is deleted and sent again, because not every server deduplicates points.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/utils/validation.py for the limits
 */

import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import { runFilesKey } from "../../artifacts/run-places.ts";
import type { Reader } from "../../database/database.ts";
import { readKeys } from "../../points/history.ts";
import { problem } from "../../problem/index.ts";
import { projectTags, readFacts } from "../../tracking/facts.ts";
import type { KeyValue, TrackedStatus } from "../../tracking/types.ts";
import { filesInFolder } from "../../wandb/run-files.ts";
import type { MovedPoint } from "../history.ts";
import { type Loose, looseList, looseOf, textIn } from "../read-row.ts";
import { serverFailed } from "../server-answer.ts";
import { countPoints, readStoredPoints, type StoredRun } from "../stored-runs.ts";
import { mlflowKeys } from "./mlflow-keys.ts";
import { nameTag, statusName } from "./mlflow-rows.ts";
import { pages, type Rest } from "./rest.ts";

const api = "/api/2.0/mlflow";
/** Tag with the id of the run in this store. */
const runTag = "tunewise.run";
/** Tag that marks a run as sent completely, with its number of points. */
const completeTag = "tunewise.points";

/** Maximum items per request, and characters of a value. */
const limits = { metrics: 1000, facts: 100, param: 6000, tag: 8000 } as const;

/** Outcome of sending a run. */
export type SentRun = "sent" | "there" | "changed";

/** Sends one run. Returns the outcome, keys that were renamed or whose values were truncated, and files not sent. */
export type SendRun = (run: StoredRun) => Promise<{
  readonly outcome: SentRun;
  readonly renamed: readonly string[];
  /** Files that the server does not accept, because its clients upload them directly to another location. */
  readonly unsent: readonly string[];
}>;

/**
 * Prepares sending runs to a server.
 *
 * @param isForced whether a run that changed since it was sent is deleted there and sent again
 * @param experiment name of the experiment there; `null`: the project's name
 */
export function mlflowServerTarget(
  rest: Rest,
  store: SourceStore,
  isForced: boolean,
  experiment: string | null = null,
): SendRun {
  const { database: reader } = store;
  const experiments = new Map<string, string>();
  return async (run) => {
    const name = experiment ?? run.projectName;
    const id = experiments.get(name) ?? (await openExperiment(rest, name));
    if (!experiments.has(name) && experiment === null) await sendProjectTags(rest, reader, run.project, id);
    experiments.set(name, id);
    const points = String(await countPoints(reader, run.number));
    for (const found of await sentBefore(rest, id, run.id)) {
      if (found.points === points) return { outcome: "there", renamed: [], unsent: [] };
      if (found.points !== null && !isForced) return { outcome: "changed", renamed: [], unsent: [] };
      await demand(rest, "runs/delete", { run_id: found.id });
    }
    return { outcome: "sent", ...(await send(rest, store, run, id, points)) };
  };
}

/** The store that runs are sent from. */
interface SourceStore {
  readonly database: Reader;
  readonly artifacts: ArtifactStore;
}

/** Sends tags of a project that its experiment lacks. */
async function sendProjectTags(
  rest: Rest,
  reader: Reader,
  project: string,
  experiment: string,
): Promise<void> {
  const tags = (await readFacts(reader, projectTags, [Number(project)])).get(Number(project)) ?? [];
  if (tags.length === 0) return;
  const found = await rest.ask("GET", `${api}/experiments/get`, { experiment_id: experiment });
  const known = new Set(looseList(looseOf(found?.["experiment"])["tags"]).map((tag) => textIn(tag, "key")));
  for (const tag of factsFor(tags, limits.tag).facts.filter(({ key }) => !known.has(key)))
    await demand(rest, "experiments/set-experiment-tag", { experiment_id: experiment, ...tag });
}

/** An id as the value of a tag, without characters that end a text in a filter. */
function tagValue(id: string): string {
  return encodeURIComponent(id).replaceAll("'", "%27");
}

/** The response to a request for something that must exist. */
async function demand(rest: Rest, path: string, fields: Loose): Promise<Loose> {
  const answer = await rest.ask("POST", `${api}/${path}`, fields);
  if (answer) return answer;
  throw problem("MOVE_SERVER_FAILED", { place: rest.place, request: `POST ${path}`, answer: "404" });
}

/** The id of an experiment, which is created if missing. Fails if it is deleted. */
async function openExperiment(rest: Rest, name: string): Promise<string> {
  const known = await rest.ask("GET", `${api}/experiments/get-by-name`, { experiment_name: name });
  const found = looseOf(known?.["experiment"]);
  if (found["lifecycle_stage"] === "deleted") {
    const about = { place: rest.place, request: `the experiment ${name.slice(0, 100)}` };
    throw problem("MOVE_SERVER_FAILED", { ...about, answer: "that it is deleted" });
  }
  if (known) return idIn(rest, "experiments/get-by-name", found, "experiment_id");
  const path = "experiments/create";
  return idIn(rest, path, await demand(rest, path, { name }), "experiment_id");
}

/** An id that the response must contain; otherwise the server is not an MLflow server. */
function idIn({ place }: Rest, request: string, fields: Loose, field: string): string {
  const id = textIn(fields, field);
  if (id === "") throw serverFailed({ place, request }, `no ${field}`);
  return id;
}

/** Runs on the server that were sent from this one. */
async function sentBefore(
  rest: Rest,
  experiment: string,
  id: string,
): Promise<{ readonly id: string; readonly points: string | null }[]> {
  const filter = `tags.\`${runTag}\` = '${tagValue(id)}'`;
  const fields = { experiment_ids: [experiment], filter, run_view_type: "ACTIVE_ONLY", max_results: 100 };
  const found: { id: string; points: string | null }[] = [];
  for await (const item of pages(rest, "POST", `${api}/runs/search`, fields, "runs")) {
    const tags = looseList(looseOf(item["data"])["tags"]);
    const complete = tags.find((tag) => tag["key"] === completeTag);
    const points = complete ? textIn(complete, "value") : null;
    found.push({ id: textIn(looseOf(item["info"]), "run_id"), points });
  }
  return found;
}

/** Identity, parameters and tags of a run. */
type RunHead = Pick<StoredRun, "id" | "name" | "person" | "startedMs" | "params" | "tags">;

/** A run as created on a server. */
interface CreatedRun {
  readonly id: string;
  /** Where its artifacts belong. */
  readonly place: string;
}

async function createRun(rest: Rest, experiment: string, run: RunHead): Promise<CreatedRun> {
  const created = await demand(rest, "runs/create", {
    experiment_id: experiment,
    user_id: run.person,
    run_name: run.name,
    start_time: run.startedMs,
    tags: [
      { key: runTag, value: tagValue(run.id) },
      { key: nameTag, value: run.name },
    ],
  });
  const info = looseOf(looseOf(created["run"])["info"]);
  return { id: idIn(rest, "runs/create", info, "run_id"), place: textIn(info, "artifact_uri") };
}

/** Sends parameters and tags. Returns the keys that were renamed or whose values were truncated. */
async function sendFacts(rest: Rest, id: string, run: Pick<RunHead, "params" | "tags">): Promise<string[]> {
  const [params, tags] = [factsFor(run.params, limits.param), factsFor(run.tags, limits.tag)];
  for (const [list, { facts }] of Object.entries({ params, tags })) {
    for (let from = 0; from < facts.length; from += limits.facts)
      await demand(rest, "runs/log-batch", { run_id: id, [list]: facts.slice(from, from + limits.facts) });
  }
  return [...params.renamed, ...tags.renamed];
}

async function send(
  rest: Rest,
  store: SourceStore,
  run: StoredRun,
  experiment: string,
  points: string,
): Promise<{ readonly renamed: string[]; readonly unsent: string[] }> {
  const { id, place } = await createRun(rest, experiment, run);
  const tags = run.tags.filter(({ key }) => ![nameTag, runTag, completeTag].includes(key));
  const renamed = await sendFacts(rest, id, { params: run.params, tags });
  if (run.inputs.length > 0)
    await demand(rest, "runs/log-inputs", { run_id: id, datasets: run.inputs.map(inputFields) });
  renamed.push(...(await sendStoredPoints(rest, store.database, run.number, id)));
  const unsent = await sendFiles(rest, store.artifacts, run, place);
  const ended = run.endedMs === null ? {} : { end_time: run.endedMs };
  await demand(rest, "runs/update", { run_id: id, status: statusName(run.status), ...ended });
  await demand(rest, "runs/set-tag", { run_id: id, key: completeTag, value: points });
  return { renamed, unsent };
}

/**
 * Sends a run's files through the server. Returns the files that it does not accept: a server without an artifact proxy
 * returns the location to which its clients upload.
 *
 * @source mlflow/mlflow mlflow/store/artifact/mlflow_artifacts_repo.py
 */
async function sendFiles(
  rest: Rest,
  artifacts: ArtifactStore,
  run: StoredRun,
  place: string,
): Promise<string[]> {
  const below = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(place)?.[1];
  const root = runFilesKey(run);
  const unsent: string[] = [];
  for await (const { path } of filesInFolder(artifacts, root)) {
    const opened = below === undefined ? null : await artifacts.open(`${root}/${path}`);
    const parts = `${below}/${path}`.split("/").map(encodeURIComponent).join("/");
    if (opened === null) unsent.push(path);
    else await rest.upload(`/api/2.0/mlflow-artifacts/artifacts/${parts}`, opened.content);
  }
  return unsent;
}

/** Parameters or tags within the server's limits, and the keys of those that were changed. */
function factsFor(facts: readonly KeyValue[], maxChars: number): { facts: KeyValue[]; renamed: string[] } {
  const names = mlflowKeys(
    facts.map(({ key }) => key),
    true,
  );
  return {
    facts: facts.map(({ key, value }) => ({
      key: names.get(key) ?? key,
      value: value.slice(0, maxChars),
    })),
    renamed: facts
      .filter(({ key, value }) => names.get(key) !== key || value.length > maxChars)
      .map(({ key }) => key),
  };
}

async function sendStoredPoints(rest: Rest, reader: Reader, number: number, id: string): Promise<string[]> {
  const names = mlflowKeys(await readKeys(reader, number), true);
  for await (const points of readStoredPoints(reader, number)) {
    for (let from = 0; from < points.length; from += limits.metrics)
      await sendPoints(rest, id, points.slice(from, from + limits.metrics), names);
  }
  return [...names].filter(([key, name]) => key !== name).map(([key]) => key);
}

async function sendPoints(
  rest: Rest,
  id: string,
  points: readonly MovedPoint[],
  names: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const metrics = points.map(({ key, step, ms, value }) => ({
    key: names.get(key) ?? key,
    timestamp: ms,
    step,
    value: Number.isFinite(value) ? value : String(value),
  }));
  await demand(rest, "runs/log-batch", { run_id: id, metrics });
}

function inputFields({ dataset, tags }: StoredRun["inputs"][number]): object {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return {
    tags,
    dataset: {
      name,
      digest,
      source,
      source_type: sourceType,
      ...(schema === null ? {} : { schema }),
      ...(profile === null ? {} : { profile }),
    },
  };
}

/** Data sent to a server when a run begins. */
export interface LiveRun extends RunHead {
  readonly experiment: string;
}

/**
 * Begins a run, or resumes the one that was logged under the same id. Returns its id on the server.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export async function beginLiveRun(rest: Rest, run: LiveRun): Promise<string> {
  const experiment = await openExperiment(rest, run.experiment);
  const [known] = await sentBefore(rest, experiment, run.id);
  const id = known?.id ?? (await createRun(rest, experiment, run)).id;
  if (known) {
    await demand(rest, "runs/update", { run_id: id, status: "RUNNING" });
    await demand(rest, "runs/delete-tag", { run_id: id, key: completeTag }).catch(() => undefined);
  }
  await sendFacts(rest, id, run);
  return id;
}

/** Maximum points per request. */
export const maxLivePoints: number = limits.metrics;

/**
 * Sends at most `maxLivePoints` points. Sending a point again has no effect.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export function logLivePoints(rest: Rest, id: string, points: readonly MovedPoint[]): Promise<void> {
  return sendPoints(rest, id, points);
}

/**
 * Ends a run.
 *
 * @param points number of points in this store, if all of them were sent
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export async function endLiveRun(
  rest: Rest,
  id: string,
  status: TrackedStatus,
  endedMs: number,
  points: number | null,
): Promise<void> {
  await demand(rest, "runs/update", { run_id: id, status: statusName(status), end_time: endedMs });
  if (points === null) return;
  await demand(rest, "runs/set-tag", { run_id: id, key: completeTag, value: String(points) });
}
