/**
 * @file Runs sent to a tracking server, within its limits. A run that was sent before is known by a tag there, so that
 * it does not come twice; one that broke off is removed and sent anew, since not every server knows a point again.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/utils/validation.py for the limits
 */
import { problem } from "../../../problem/index.ts";
import type { Reader } from "../../database/database.ts";
import type { Fact } from "../../tracking/nouns.ts";
import { type Loose, looseList, looseOf, textIn } from "../read-row.ts";
import { serverFailed } from "../server-answer.ts";
import { readStoredPoints, type StoredRun } from "../stored-runs.ts";
import { mlflowKeys } from "./mlflow-keys.ts";
import { pages, type Rest } from "./rest.ts";
import { nameTag, statusName } from "./words.ts";

const api = "/api/2.0/mlflow";
/** The tag that names the run here. */
export const runTag: string = "tunewise.run";
/** The tag that says that all of it was sent, and of how many points. */
export const wholeTag: string = "tunewise.points";

/** Most of each in a request, and letters of a value. */
export const most = { metrics: 1000, facts: 100, param: 6000, tag: 8000 } as const;

/** What became of a run. */
export type SentRun = "sent" | "there" | "changed";

/** Sends one run; gives what became of it, and the names that had to change. */
export type SendRun = (
  run: StoredRun,
) => Promise<{ readonly outcome: SentRun; readonly renamed: readonly string[] }>;

/**
 * Prepares sending runs to a server.
 *
 * @param isForced whether a run that changed since it was sent is removed there and sent anew
 * @param experiment there; `null`: that of the project's name
 */
export function mlflowServerTarget(
  rest: Rest,
  reader: Reader,
  isForced: boolean,
  experiment: string | null = null,
): SendRun {
  const experiments = new Map<string, string>();
  return async (run) => {
    const name = experiment ?? run.projectName;
    const id = experiments.get(name) ?? (await openExperiment(rest, name));
    experiments.set(name, id);
    const [row] = await reader.all(
      "SELECT count(*) AS points FROM points WHERE series IN (SELECT number FROM series WHERE run = ?)",
      run.number,
    );
    const points = String(row?.["points"] ?? 0);
    for await (const found of sentBefore(rest, id, run.id)) {
      if (found.whole === points) return { outcome: "there", renamed: [] };
      if (found.whole !== null && !isForced) return { outcome: "changed", renamed: [] };
      await demand(rest, "runs/delete", { run_id: found.id });
    }
    return { outcome: "sent", renamed: await send(rest, reader, run, id, points) };
  };
}

/** An id as the tag's value: no letter that ends a text in a filter. */
export function tagValue(id: string): string {
  return encodeURIComponent(id).replaceAll("'", "%27");
}

/**
 * An answer to a request for what must be there.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`
 */
export async function demand(rest: Rest, path: string, fields: Loose): Promise<Loose> {
  const answer = await rest.ask("POST", `${api}/${path}`, fields);
  if (answer) return answer;
  throw problem("MOVE_SERVER_FAILED", { place: rest.place, request: `POST ${path}`, answer: "404" });
}

/**
 * The id of an experiment, made where there is none of the name.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED` where it is deleted
 */
export async function openExperiment(rest: Rest, name: string): Promise<string> {
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

/**
 * An id that must stand in an answer: whatever answers without one is no MLflow server.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`
 */
export function idIn({ place }: Rest, request: string, fields: Loose, field: string): string {
  const id = textIn(fields, field);
  if (id === "") throw serverFailed({ place, request }, `no ${field}`);
  return id;
}

/** Runs there that were this one. */
export async function* sentBefore(
  rest: Rest,
  experiment: string,
  id: string,
): AsyncGenerator<{ readonly id: string; readonly whole: string | null }> {
  const filter = `tags.\`${runTag}\` = '${tagValue(id)}'`;
  const fields = { experiment_ids: [experiment], filter, run_view_type: "ACTIVE_ONLY", max_results: 100 };
  const found: { id: string; whole: string | null }[] = [];
  for await (const item of pages(rest, "POST", `${api}/runs/search`, fields, "runs")) {
    const tags = looseList(looseOf(item["data"])["tags"]);
    const whole = tags.find((tag) => tag["key"] === wholeTag);
    found.push({ id: textIn(looseOf(item["info"]), "run_id"), whole: whole ? textIn(whole, "value") : null });
  }
  yield* found;
}

async function send(
  rest: Rest,
  reader: Reader,
  run: StoredRun,
  experiment: string,
  points: string,
): Promise<string[]> {
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
  const id = idIn(rest, "runs/create", looseOf(looseOf(created["run"])["info"]), "run_id");
  const params = factsFor(run.params, most.param);
  const tags = factsFor(
    run.tags.filter(({ key }) => ![nameTag, runTag, wholeTag].includes(key)),
    most.tag,
  );
  for (const [list, facts] of Object.entries({ params: params.facts, tags: tags.facts })) {
    for (let from = 0; from < facts.length; from += most.facts)
      await demand(rest, "runs/log-batch", { run_id: id, [list]: facts.slice(from, from + most.facts) });
  }
  if (run.inputs.length > 0)
    await demand(rest, "runs/log-inputs", { run_id: id, datasets: run.inputs.map(inputFields) });
  const renamed = await sendPoints(rest, reader, run.number, id);
  const status = statusName(run.status);
  await demand(rest, "runs/update", {
    run_id: id,
    status,
    ...(run.endedMs === null ? {} : { end_time: run.endedMs }),
  });
  await demand(rest, "runs/set-tag", { run_id: id, key: wholeTag, value: points });
  return [...params.renamed, ...tags.renamed, ...renamed];
}

/** Parameters or tags within the server's limits, and the names of those that were changed for it. */
export function factsFor(facts: readonly Fact[], lettersMost: number): { facts: Fact[]; renamed: string[] } {
  const names = mlflowKeys(
    facts.map(({ key }) => key),
    true,
  );
  return {
    facts: facts.map(({ key, value }) => ({
      key: names.get(key) ?? key,
      value: value.slice(0, lettersMost),
    })),
    renamed: facts
      .filter(({ key, value }) => names.get(key) !== key || value.length > lettersMost)
      .map(({ key }) => key),
  };
}

async function sendPoints(rest: Rest, reader: Reader, number: number, id: string): Promise<string[]> {
  const rows = await reader.all("SELECT key FROM series WHERE run = ? ORDER BY key", number);
  const names = mlflowKeys(
    rows.map((row) => String(row["key"])),
    true,
  );
  for await (const points of readStoredPoints(reader, number)) {
    for (let from = 0; from < points.length; from += most.metrics) {
      const metrics = points.slice(from, from + most.metrics).map(({ key, step, ms, value }) => ({
        key: names.get(key) ?? key,
        value: Number.isFinite(value) ? value : String(value),
        timestamp: ms,
        step,
      }));
      await demand(rest, "runs/log-batch", { run_id: id, metrics });
    }
  }
  return [...names].filter(([key, name]) => key !== name).map(([key]) => key);
}

function inputFields({ dataset, tags }: StoredRun["inputs"][number]): object {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return {
    tags,
    dataset: {
      ...{ name, digest, source, source_type: sourceType },
      ...(schema === null ? {} : { schema }),
      ...(profile === null ? {} : { profile }),
    },
  };
}
