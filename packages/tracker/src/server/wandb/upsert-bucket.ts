/**
 * @file The mutation `upsertBucket`, which starts a run or changes it.
 *
 * @source wandb/wandb core/api/graphql/mutation_run.graphql, core/internal/runupserter
 */

import {
  addWandbRun,
  admitRun,
  branchPointIn,
  changeTrackedRun,
  findProject,
  findWandbRun,
  forkHistory,
  type KeyValue,
  keepConfig,
  keepSummary,
  type Project,
  putTags,
  readLooseJson,
  type TrackingContext,
  type Transaction,
  touchRun,
  type WandbPath,
  type WandbRun,
  wandbTags,
  writeAdmission,
} from "../../index.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, nameOf, numberOf, textOf, textsOf } from "./fields.ts";
import { runOfId } from "./find.ts";
import { openProject, placeIn } from "./project-place.ts";
import { wandbRefusal } from "./refuse.ts";
import { runFields } from "./run-fields.ts";

/** Starts or changes a run. */
export async function upsertBucket(fields: Fields, call: WandbCall): Promise<Fields> {
  const { context, caller } = call;
  const nowMs = context.now();
  // generated before the transaction, which may run twice
  const [spareId, spareName] = [context.newId(), context.newId().slice(0, 8)];
  const asker = { person: caller.name, tags: saidIn(fields), nowMs };
  return writeAdmission(context.write, asker, async (transaction) => {
    const found = await findRun(transaction, fields, spareName);
    const run = "run" in found ? found : null;
    if (run?.run.stage === "deleted")
      throw wandbRefusal(`Run ${run.run.id} is deleted and accepts no more data.`);
    const path = run ?? (found as WandbPath);
    const project = await projectOf(transaction, run, path, call, nowMs);
    if (project.stage === "deleted") {
      throw wandbRefusal(`The project ${project.name} is deleted: restore it, or log to another one.`);
    }
    const displayName = textOf(fields["displayName"]);
    const about = { displayName: displayName ?? path.name, person: caller.name, spareId, nowMs };
    const { resultMetrics } = context;
    const began =
      run ?? (await begin(transaction, path, project.number, fields, { ...about, resultMetrics }));
    const { number } = began.run;
    if (run) await goOn(transaction, run, fields);
    else {
      await forkIfAsked(transaction, began, fields);
      if (fields["state"] === "pending") await changeTrackedRun(transaction, number, { status: "scheduled" });
    }
    await putTags(transaction, number, tagsOf(fields));
    const [config, summary] = [textOf(fields["config"]), textOf(fields["summaryMetrics"])];
    if (config !== null) await keepConfig(transaction, number, jsonOf(config, "config"));
    if (summary !== null) await keepSummary(transaction, number, jsonOf(summary, "summary"), nowMs);
    await touchRun(transaction, number, nowMs);
    const bucket = await findWandbRun(transaction, { number });
    if (!bucket) throw new Error("Internal: a run is gone that was just there");
    return { bucket: runFields(bucket), inserted: run === null };
  });
}

/** Returns a run's project. An existing run stays in its project even if that was renamed. */
async function projectOf(
  transaction: Transaction,
  run: WandbRun | null,
  path: WandbPath,
  call: WandbCall,
  nowMs: number,
): Promise<Project> {
  if (!run) return openProject(transaction, path, call, nowMs);
  const project = await findProject(transaction, { number: run.run.project });
  if (!project) throw new Error("Internal: a run without its project");
  return project;
}

async function findRun(
  transaction: Transaction,
  fields: Fields,
  spareName: string,
): Promise<WandbRun | WandbPath> {
  if (numberOf("Run", fields["id"]) !== null) return runOfId(transaction, fields["id"]);
  const path = {
    ...placeIn(fields, "modelName"),
    name: nameOf(textOf(fields["name"]) ?? spareName, "run"),
  };
  return (await findWandbRun(transaction, path)) ?? path;
}

/** Adds a run if its admission permits. */
async function begin(
  transaction: Transaction,
  path: WandbPath,
  project: number,
  fields: Fields,
  {
    resultMetrics,
    ...about
  }: Pick<Parameters<typeof addWandbRun>[2], "displayName" | "person" | "spareId" | "nowMs"> &
    Pick<TrackingContext, "resultMetrics">,
): Promise<WandbRun> {
  const { person, nowMs } = about;
  const tags = saidIn(fields);
  const request = { id: path.name, caller: person, person, project, tags, nowMs, resultMetrics };
  const admission = await admitRun(transaction, request);
  return addWandbRun(transaction, path, { project, ...about, ...admission });
}

/** Values of tags like `tunewise.fingerprint=...`. */
function saidIn(fields: Fields): ReadonlyMap<string, string> {
  const said = new Map<string, string>();
  for (const tag of textsOf(fields["tags"])) {
    const at = tag.indexOf("=");
    if (at > 0 && tag.startsWith("tunewise.")) said.set(tag.slice(0, at), tag.slice(at + 1));
  }
  return said;
}

/**
 * Resumes a run that had ended if a client starts it again. A request that only changes the run names it by id instead.
 *
 * @source wandb/wandb wandb/apis/public/runs.py, `update`; core/internal/runupserter
 */
async function goOn(transaction: Transaction, { run }: WandbRun, fields: Fields): Promise<void> {
  const displayName = textOf(fields["displayName"]);
  const waits = run.endedMs !== null || run.status === "scheduled";
  const begins = textOf(fields["name"]) !== null && waits;
  await changeTrackedRun(transaction, run.number, {
    ...(displayName === null ? {} : { name: displayName.replaceAll("\u0000", "") }),
    ...(begins ? { status: "running" as const, endedMs: null } : {}),
  });
}

/** Copies the history of the original run if a new run states that it is a fork. */
async function forkIfAsked(transaction: Transaction, began: WandbRun, fields: Fields): Promise<void> {
  const point = branchPointIn(textOf(fields["config"]));
  if (point === null) return;
  const { entity, project } = began;
  const parent = await findWandbRun(transaction, { entity, project, name: point.run });
  const isThere = parent?.run.stage === "active" && parent.run.project === began.run.project;
  if (!parent || !isThere) throw wandbRefusal(`There is no run ${point.run} in ${project} to fork from.`);
  await forkHistory(transaction, parent, began, point.step);
}

function tagsOf(fields: Fields): KeyValue[] {
  // An empty text means unknown when a client starts a run, but clears the field when it changes one.
  const isChange = textOf(fields["name"]) === null;
  const word = (field: string): string | null => {
    const value = isChange && fields[field] === "" ? "" : textOf(fields[field]);
    return value?.replaceAll("\u0000", "") ?? null;
  };
  return wandbTags({
    group: word("groupName"),
    jobType: word("jobType"),
    notes: word("notes"),
    host: word("host"),
    program: word("jobProgram"),
    commit: word("commit"),
    sweep: word("sweep"),
    repo: word("jobRepo"),
    tags: Array.isArray(fields["tags"]) ? textsOf(fields["tags"]) : null,
  });
}

/** Requires valid JSON, in which NaN is allowed as in Python, and returns it unchanged. */
function jsonOf(text: string, what: string): string {
  if (readLooseJson(text) === undefined) throw wandbRefusal(`The ${what} is no JSON.`);
  return text;
}
