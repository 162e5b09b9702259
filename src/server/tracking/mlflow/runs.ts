/**
 * @file Runs: made, found, searched, changed, deleted, restored.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */
import { beginTrackedRun, settleRun, type TrackingContext } from "../../../app/tracking/index.ts";
import {
  beginWork,
  changeTrackedRun,
  endWork,
  findTrackedRun,
  logBatch,
  searchRuns,
  type TrackedChange,
  type TrackedStatus,
} from "../../../track/index.ts";
import type { AllowedCall, Caller, Reply, Route } from "../route.ts";
import { readFacts } from "./batch.ts";
import { type Fields, invalid, listField, textField, textsField, wholeField } from "./fields.ts";
import { readRunFilter, readRunOrder } from "./filter/run-filter.ts";
import { experimentNumber, findActiveExperiment, findActiveRun, findRun } from "./find.ts";
import { cutValue, lettersMost } from "./key-rules.ts";
import type { ModelParts } from "./model-parts.ts";
import { offsetToken, readOffset } from "./page-token.ts";
import type { ArtifactPlaces } from "./places.ts";
import { MlflowError } from "./refuse.ts";
import { getPair, json, jsonText, postPair } from "./route-pair.ts";
import { storedStatus } from "./run-status.ts";
import { infoTexts, runTexts } from "./run-text.ts";
import { aboutExperiment, aboutRun, amongExperiments } from "./subjects.ts";
import { stagesOf } from "./view-type.ts";

/** The tag that holds a run's name too. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
export const nameTag = "mlflow.runName";

/** Routes of runs. */
export function runRoutes(desk: TrackingContext, places: ArtifactPlaces, models: ModelParts): Route[] {
  const whole = async (id: string): Promise<Reply> => {
    const texts = await runTexts(desk, places, [await findTrackedRun(desk.database, id)], models);
    return jsonText(`{"run":${texts[0]}}`);
  };
  const run = aboutRun(desk);
  return [
    ...postPair("mlflow/runs/create", "write", aboutExperiment(desk), async (fields, { caller }) =>
      whole(await createRun(desk, fields, caller)),
    ),
    ...getPair("mlflow/runs/get", run, async (fields) => whole((await findRun(desk.database, fields)).id)),
    ...postPair("mlflow/runs/update", "write", run, async (fields) => {
      const changed = await findTrackedRun(desk.database, await update(desk, fields));
      return jsonText(`{"run_info":${(await infoTexts(desk, places, [changed]))[0]}}`);
    }),
    ...postPair("mlflow/runs/delete", "write", run, (fields) =>
      setStage(desk, fields, { stage: "deleted", deletedMs: desk.now() }),
    ),
    ...postPair("mlflow/runs/restore", "write", run, (fields) =>
      setStage(desk, fields, { stage: "active", deletedMs: null }),
    ),
  ];
}

/** Clocks of a client and of the server may be so far apart. */
const clockMs = 600_000;

/** Adds a run; gives its id. Whoever calls by name is its person, whatever the client says. */
export async function createRun(desk: TrackingContext, fields: Fields, caller: Caller): Promise<string> {
  const tags = readFacts(listField(fields, "tags"), "tags", lettersMost.tag);
  const tagged = tags.findLast(({ key }) => key === nameTag)?.value;
  const given = textField(fields, "run_name");
  if (given && tagged && given !== tagged) {
    throw new MlflowError(
      "INVALID_PARAMETER_VALUE",
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values.",
    );
  }
  const name = cutValue(given || tagged || inventName(desk.newId()), lettersMost.tag, "run_name");
  const person =
    caller.name ||
    textField(fields, "user_id") ||
    tags.findLast(({ key }) => key === "mlflow.user")?.value ||
    "unknown";
  const nowMs = desk.now();
  const startedMs = wholeField(fields, "start_time") || nowMs;
  const id = desk.newId();
  await desk.write(async (transaction) => {
    const { number } = await findActiveExperiment(transaction, fields);
    const said = new Map(tags.map(({ key, value }) => [key, value]));
    const request = { id, caller: caller.name, person, project: number, tags: said, nowMs };
    const added = await beginTrackedRun(transaction, request, {
      name,
      client: "mlflow",
      person: cutValue(person, lettersMost.key, "user_id"),
      startedMs,
      tags: [...tags, ...(tagged ? [] : [{ key: nameTag, value: name }])],
    });
    // A history that is logged later worked from its own start to its own end.
    if (Math.abs(nowMs - startedMs) < clockMs) await beginWork(transaction, added.number, startedMs);
  });
  return id;
}

/** Changes state, end or name; gives the run's id. */
async function update(desk: TrackingContext, fields: Fields): Promise<string> {
  const name = textField(fields, "run_name");
  const endedMs = wholeField(fields, "end_time");
  const status = statusField(fields);
  const change: TrackedChange = {
    ...(name ? { name: cutValue(name, lettersMost.tag, "run_name") } : {}),
    ...(endedMs === undefined ? {} : { endedMs }),
    // a run that goes on has not ended
    ...(status === "running" ? { endedMs: null } : {}),
    ...(status === undefined ? {} : { status }),
  };
  return desk.write(async (transaction) => {
    const { id, number } = await findActiveRun(transaction, fields);
    await changeTrackedRun(transaction, number, change);
    if (status === "running") await beginWork(transaction, number, desk.now());
    else if (status !== undefined && status !== "scheduled") {
      await endWork(transaction, number);
      await settleRun(transaction, number, desk);
    }
    if (change.name !== undefined) {
      const tags = [{ key: nameTag, value: change.name }];
      await logBatch(transaction, id, { metrics: [], params: [], tags }, desk.now());
    }
    return id;
  });
}

function statusField(fields: Fields): TrackedStatus | undefined {
  const name = textField(fields, "status");
  if (name === undefined) return undefined;
  const status = storedStatus(name);
  if (status === undefined) throw invalid("status", name);
  return status;
}

async function setStage(desk: TrackingContext, fields: Fields, change: TrackedChange): Promise<Reply> {
  await desk.write(async (transaction) => {
    const { number } = await findRun(transaction, fields);
    await changeTrackedRun(transaction, number, change);
  });
  return json({});
}

const first = [
  "amber brisk calm clever coral crisp dapper eager fleet fond gentle glad hardy humble jolly",
  "keen kind lively lucid mellow merry nimble noble placid proud quick quiet rapid rustic",
  "serene silent snappy steady sunny swift tidy upbeat vivid witty zesty",
].flatMap((line) => line.split(" "));
const second = [
  "badger beaver bison cod crane crow dingo dove eel falcon finch fox gecko gull hare hawk",
  "heron ibis jay koala lark lemur lynx mole moose newt otter owl panda perch pike puffin",
  "quail raven robin seal shrew stork swan tern toad trout vole wren yak zebra",
].flatMap((line) => line.split(" "));

/**
 * A name.
 *
 * @param id letters of chance, as hex digits
 */
function inventName(id: string): string {
  const pick = (from: number): number => Number.parseInt(id.slice(from, from + 4), 16);
  return `${first[pick(0) % first.length]}-${second[pick(4) % second.length]}-${pick(8) % 1000}`;
}

const runsMost = 50_000;
const experimentsMost = 5_000;

/** Routes of searches. */
export function runSearchRoutes(desk: TrackingContext, places: ArtifactPlaces, models: ModelParts): Route[] {
  return postPair("mlflow/runs/search", "read", amongExperiments, (fields, call) =>
    search(desk, places, fields, models, call),
  );
}

async function search(
  desk: TrackingContext,
  places: ArtifactPlaces,
  fields: Fields,
  models: ModelParts,
  { scope }: AllowedCall,
): Promise<Reply> {
  const ids = textsField(fields, "experiment_ids");
  if (ids.length > experimentsMost) throw invalid("experiment_ids", ids.length, "There are too many.");
  const asked = wholeField(fields, "max_results") ?? 1000;
  if (asked < 1 || asked > runsMost) throw invalid("max_results", fields["max_results"]);
  const offset = readOffset(textField(fields, "page_token"));
  for (const id of ids) experimentNumber(id, "experiment_ids");
  const request = {
    projects: scope.projects,
    stages: stagesOf(fields, "run_view_type"),
    conditions: readRunFilter(textField(fields, "filter") ?? ""),
    order: readRunOrder(textsField(fields, "order_by")),
    limit: asked + 1,
    offset,
  };
  // No experiment has no runs; the store would take an empty list for all of them.
  if (scope.projects.length === 0) return jsonText('{"runs":[]}');
  const found = await searchRuns(desk.database, request);
  const texts = await runTexts(desk, places, found.slice(0, asked), models);
  const next = found.length > asked ? `,"next_page_token":"${offsetToken(offset + asked)}"` : "";
  return jsonText(`{"runs":[${texts.join(",")}]${next}}`);
}
