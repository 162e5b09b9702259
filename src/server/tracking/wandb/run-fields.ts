/**
 * @file A run and its files, as these clients ask for them.
 *
 * @source wandb/wandb core/api/graphql/query_run_resume_status.graphql, core/internal/runbranch/resume.go
 */
import {
  readLooseJson,
  readTags,
  type TrackedRun,
  type TrackedStatus,
  type WandbRun,
} from "../../../track/index.ts";
import type { WandbCall } from "./call.ts";
import { completeList, type Fields, fieldsOf, idOf, textsOf } from "./fields.ts";
import { runFileKey } from "./file-links.ts";
import { runOf } from "./find.ts";
import { bareProject } from "./project-place.ts";
import { wandbRefusal } from "./refuse.ts";

/** A run. */
export function runFields(run: WandbRun): Fields {
  const { entity, project, name, config, summary } = run;
  const tag = (key: string) => async (_: Fields, call: WandbCall) => tagOf(call, run.run.number, key);
  return {
    id: idOf("Run", run.run.number),
    name,
    displayName: run.run.name,
    description: tag("wandb.notes"),
    notes: tag("wandb.notes"),
    groupName: tag("wandb.group"),
    jobType: tag("wandb.job_type"),
    sweepName: null,
    config,
    summaryMetrics: summary,
    project: bareProject({ entity, project }, run.run.project),
    tags: async (_: Fields, call: WandbCall) => {
      const text = await tagOf(call, run.run.number, "wandb.tags");
      return text === null ? [] : textsOf(JSON.parse(text));
    },
    state: states[run.run.status],
    stopped: run.run.stopMs !== null,
    createdAt: new Date(run.run.startedMs).toISOString(),
    heartbeatAt: new Date(run.run.seenMs).toISOString(),
    historyLineCount: run.historyLines,
    eventsLineCount: run.eventLines,
    logLineCount: run.consoleLines,
    historyTail: tailText(run.historyTail),
    eventsTail: tailText(run.eventsTail),
    wandbConfig: ({ keys }: Fields) => configPart(config, textsOf(keys)),
    files: ({ names }: Fields, call: WandbCall) => filesOf(call, run, textsOf(names)),
  };
}

const states: Readonly<Record<TrackedStatus, string>> = {
  scheduled: "pending",
  running: "running",
  completed: "finished",
  stopped: "killed",
  interrupted: "killed",
  killed: "killed",
  crashed: "crashed",
  failed: "failed",
};

/** Rows of the end, as a list of texts that are JSON themselves. */
function tailText(line: string): string {
  return JSON.stringify(line === "" ? [] : [line]);
}

/** The client's own part of the configuration. It takes a run for one that has begun by its `t`. */
function configPart(config: string, keys: readonly string[]): string {
  const own = fieldsOf(fieldsOf(fieldsOf(readLooseJson(config))["_wandb"])["value"]);
  return JSON.stringify(Object.fromEntries(Object.entries(own).filter(([key]) => keys.includes(key))));
}

async function tagOf({ context }: WandbCall, run: number, key: string): Promise<string | null> {
  return (await readTags(context.database, run)).get(key) ?? null;
}

/** Files whose names are given, those that may be names. */
async function filesOf(call: WandbCall, { run }: WandbRun, names: readonly string[]): Promise<Fields> {
  return completeList(await Promise.all(names.slice(0, maxFiles).map((name) => runFile(call, run, name))));
}

/** Files of one question. */
const maxFiles = 1_000;

/** Files of one request. */
const maxNewFiles = 10_000;

/** A run's file; one whose name may not be one has no addresses, and its client says so and leaves it out. */
async function runFile(
  call: WandbCall,
  { number, project }: Pick<TrackedRun, "number" | "project">,
  name: string,
): Promise<Fields> {
  const key = runFileKey(number, name);
  if (key === null) return { name, displayName: name, uploadHeaders: [] };
  const bytes = await call.context.artifacts.size(key);
  return {
    id: idOf("File", number, name),
    name,
    displayName: name,
    uploadHeaders: [],
    uploadUrl: () => call.link("put", key, project),
    directUrl: () => (bytes === null ? null : call.link("get", key, project)),
    url: ({ upload }: Fields) => call.link(upload === true ? "put" : "get", key, project),
    sizeBytes: bytes ?? 0,
  };
}

/** Gives addresses for files to come. */
export async function createRunFiles(fields: Fields, call: WandbCall): Promise<Fields> {
  const run = await runOf(call.context.database, fields);
  const names = textsOf(fields["files"]);
  if (names.length > maxNewFiles) throw wandbRefusal(`At most ${maxNewFiles} files at once.`);
  const files: Fields[] = [];
  for (const name of names) files.push(await runFile(call, run.run, name));
  return { runID: idOf("Run", run.run.number), uploadHeaders: [], files };
}
