/**
 * @file Routes that create, find, search, change, delete and restore runs.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */

import { z } from "zod";
import type { AllowedCall, Caller, Route } from "../../http/index.ts";
import {
  beginTrackedRun,
  beginWork,
  changeTrackedRun,
  endClientRun,
  findTrackedRun,
  type KeyValue,
  knownPerson,
  logBatch,
  searchRuns,
  setRunStage,
  type TrackedChange,
  type TrackingContext,
  writeAdmission,
} from "../../index.ts";
import { readFacts } from "./batch.ts";
import { endpoint } from "./endpoint.ts";
import {
  field,
  integer,
  list,
  listOf,
  pageSize,
  type Shape,
  text,
  textBy,
  textsBy,
  ValidationError,
  viewType,
} from "./fields.ts";
import { readRunFilter, readRunOrder } from "./filter/run-filter.ts";
import {
  type ExperimentFields,
  experimentFields,
  experimentNumbers,
  findActiveExperiment,
  findActiveRun,
  findRun,
  type RunFields,
  runFields,
} from "./find.ts";
import { cutValue, maxLength } from "./key-rules.ts";
import { offset, offsetToken } from "./pages.ts";
import type { MlflowContext } from "./places.ts";
import { invalidParameter } from "./refuse.ts";
import { storedStatus } from "./run-status.ts";
import { infoTexts, runTexts } from "./run-text.ts";
import { aboutExperiment, aboutRun, amongExperiments, andParent } from "./subjects.ts";

/** The tag that duplicates a run's name. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
export const nameTag = "mlflow.runName";

/** Parsed fields of a new run. */
export interface NewRunFields extends ExperimentFields {
  readonly user_id: string | undefined;
  readonly run_name: string | undefined;
  readonly start_time: number | undefined;
  readonly tags: readonly KeyValue[];
}

/** Schemas of `NewRunFields`. */
export const newRunFields: Shape<NewRunFields> = {
  ...experimentFields,
  user_id: text,
  run_name: text,
  start_time: integer,
  tags: list(listOf("Fact"), (tags) => readFacts(tags, "tags", maxLength.tag)),
};

const changeFields = z.object({
  ...runFields,
  status: field({ $ref: "#/components/schemas/RunStatus" }, (name) => {
    const status = storedStatus(String(name));
    if (name !== undefined && status === undefined) throw new ValidationError(name);
    return status;
  }),
  end_time: integer,
  run_name: text,
});

/** Routes of runs. */
export function runRoutes(context: MlflowContext): Route[] {
  const { database } = context;
  const found = async (id: string): Promise<string> => {
    const texts = await runTexts(context, [await findTrackedRun(database, id)]);
    return `{"run":${texts[0]}}`;
  };
  const about = aboutRun(context);
  const base = { method: "POST", policy: "write", about } as const;
  return [
    ...endpoint({
      ...base,
      path: "mlflow/runs/create",
      about: andParent(context, aboutExperiment(context), ({ tags }: NewRunFields) => tags),
      summary: "Create a run. Its status is running.",
      gives: "run:Run",
      reads: z.object(newRunFields),
      answer: async (fields, { caller }) => found(await createRun(context, fields, caller)),
    }),
    ...endpoint({
      method: "GET",
      path: "mlflow/runs/get",
      policy: "read",
      about,
      summary: "Get a run by id.",
      gives: "run:Run",
      reads: z.object(runFields),
      answer: async (fields) => found((await findRun(database, fields)).id),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/update",
      reads: changeFields,
      summary: "Update the status, end time or name of a run.",
      gives: "run_info:RunInfo",
      answer: async (fields) => {
        const changed = await findTrackedRun(database, await update(context, fields));
        return `{"run_info":${(await infoTexts(context, [changed]))[0]}}`;
      },
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/delete",
      reads: z.object(runFields),
      summary: "Delete a run; it can be restored.",
      answer: (fields, { caller }) => setStage(context, fields, "deleted", caller),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/restore",
      reads: z.object(runFields),
      summary: "Restore a run.",
      answer: (fields, { caller }) => setStage(context, fields, "active", caller),
    }),
    ...endpoint({
      method: "POST",
      path: "mlflow/runs/search",
      policy: "read",
      about: amongExperiments,
      summary: "Search runs of experiments with a filter, page by page.",
      gives: "runs:Run[] next_page_token",
      reads: searchFields,
      answer: (fields, call) => search(context, fields, call),
    }),
  ];
}

/** Adds a run and returns its id. Its person is the identified caller, regardless of what the client reports. */
export async function createRun(
  context: TrackingContext,
  fields: NewRunFields,
  caller: Caller,
): Promise<string> {
  const { tags, run_name: given } = fields;
  const tagged = tags.findLast(({ key }) => key === nameTag)?.value;
  if (given && tagged && given !== tagged) {
    throw invalidParameter(
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values.",
    );
  }
  const name = cutValue(given || tagged || inventName(context.newId()), maxLength.tag, "run_name");
  const userTag = tags.findLast(({ key }) => key === "mlflow.user")?.value;
  const person = caller.name || knownPerson(fields.user_id, userTag);
  const nowMs = context.now();
  const startedMs = fields.start_time || nowMs;
  const id = context.newId();
  const reported = new Map(tags.map(({ key, value }) => [key, value]));
  await writeAdmission(context.write, { person, tags: reported, nowMs }, async (transaction) => {
    const { number } = await findActiveExperiment(transaction, fields);
    const { resultMetrics } = context;
    const request = {
      id,
      caller: caller.name,
      person,
      project: number,
      tags: reported,
      nowMs,
      resultMetrics,
    };
    await beginTrackedRun(transaction, request, {
      name,
      client: "mlflow",
      person: cutValue(person, maxLength.key, "user_id"),
      startedMs,
      tags: [...tags, ...(tagged ? [] : [{ key: nameTag, value: name }])],
    });
  });
  return id;
}

/** Changes status, end or name; returns the run's id. */
async function update(
  context: TrackingContext,
  { run_name: name, end_time: endedMs, status, ...fields }: z.infer<typeof changeFields>,
): Promise<string> {
  const change: TrackedChange = {
    ...(name ? { name: cutValue(name, maxLength.tag, "run_name") } : {}),
    ...(endedMs === undefined ? {} : { endedMs }),
    // a resumed run has no end
    ...(status === "running" ? { endedMs: null } : {}),
    ...(status === undefined ? {} : { status }),
  };
  return context.write(async (transaction) => {
    const { id, number } = await findActiveRun(transaction, fields);
    const isEnd = status !== undefined && status !== "running" && status !== "scheduled";
    if (isEnd) await endClientRun(transaction, number, change, context);
    else await changeTrackedRun(transaction, number, change);
    if (status === "running") await beginWork(transaction, number, context.now());
    if (change.name !== undefined) {
      const tags = [{ key: nameTag, value: change.name }];
      await logBatch(transaction, id, { metrics: [], params: [], tags }, context.now());
    }
    return id;
  });
}

async function setStage(
  context: TrackingContext,
  fields: RunFields,
  stage: "active" | "deleted",
  { name: person }: Caller,
): Promise<object> {
  await context.write(async (transaction) => {
    const run = await findRun(transaction, fields);
    await setRunStage(transaction, [run], { stage, person, nowMs: context.now() });
  });
  return {};
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
 * Generates a name for a run.
 *
 * @param id random hex digits
 */
function inventName(id: string): string {
  const pick = (from: number): number => Number.parseInt(id.slice(from, from + 4), 16);
  return `${first[pick(0) % first.length]}-${second[pick(4) % second.length]}-${pick(8) % 1000}`;
}

const maxExperiments = 5_000;

const searchFields = z.object({
  experiment_ids: experimentNumbers((count) => {
    if (count !== null && count > maxExperiments) throw new ValidationError(count, "There are too many.");
  }),
  max_results: pageSize(1000, 50_000),
  page_token: offset,
  run_view_type: viewType,
  filter: textBy((filter = "") => readRunFilter(filter)),
  order_by: textsBy(readRunOrder),
});

async function search(
  context: MlflowContext,
  { max_results, page_token, run_view_type, filter, order_by }: z.infer<typeof searchFields>,
  { scope }: AllowedCall,
): Promise<string> {
  // Without experiments there are no runs; the store would treat an empty list as all of them.
  if (scope.projects.length === 0) return '{"runs":[]}';
  const found = await searchRuns(context.database, {
    projects: scope.projects,
    stages: run_view_type,
    conditions: filter,
    order: order_by,
    limit: max_results + 1,
    offset: page_token,
  });
  const texts = await runTexts(context, found.slice(0, max_results));
  const next =
    found.length > max_results ? `,"next_page_token":"${offsetToken(page_token + max_results)}"` : "";
  return `{"runs":[${texts.join(",")}]${next}}`;
}
