/**
 * @file A run, as these clients ask for it.
 *
 * @source wandb/wandb core/api/graphql/query_run_resume_status.graphql, core/internal/runbranch/resume.go
 */
import { readLooseJson, readTags, type TrackedStatus, type WandbRun } from "../../../track/index.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, textsOf } from "./fields.ts";
import { idOf } from "./ids.ts";
import { bareProject } from "./project-place.ts";
import { runFile } from "./run-files.ts";

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

/** What the client itself keeps in the configuration. It takes a run for one that has begun by its `t`. */
function configPart(config: string, keys: readonly string[]): string {
  const own = fieldsOf(fieldsOf(fieldsOf(readLooseJson(config))["_wandb"])["value"]);
  return JSON.stringify(Object.fromEntries(Object.entries(own).filter(([key]) => keys.includes(key))));
}

async function tagOf({ desk }: WandbCall, run: number, key: string): Promise<string | null> {
  return (await readTags(desk.database, run)).get(key) ?? null;
}

/** Files whose names are given, those that may be names. */
async function filesOf(call: WandbCall, { run }: WandbRun, names: readonly string[]): Promise<Fields> {
  const nodes = await Promise.all(names.slice(0, filesMost).map((name) => runFile(call, run, name)));
  return {
    totalCount: nodes.length,
    uploadHeaders: [],
    pageInfo: { endCursor: null, hasNextPage: false },
    edges: nodes.map((node) => ({ node, cursor: null })),
  };
}

/** Files of one question. */
const filesMost = 1_000;
