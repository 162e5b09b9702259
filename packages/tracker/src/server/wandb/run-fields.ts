/**
 * @file A run as fields of W&B's schema.
 *
 * @source wandb/wandb core/api/graphql/query_run_resume_status.graphql, wandb/apis/public/runs.py
 */
import { readAlerts, readLooseJson, readTags, type TrackedStatus, type WandbRun } from "../../index.ts";
import { artifactPage } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, idOf, textsOf } from "./fields.ts";
import { historyFields } from "./history-fields.ts";
import { bareProject, personFields } from "./project-place.ts";
import { countRunFiles, runFiles } from "./run-files.ts";

/** Fields of a run. */
export function runFields(run: WandbRun): Fields {
  const { entity, project, name, config, summary } = run;
  const tag = tagsOf(run.run.number);
  return {
    id: idOf("Run", run.run.number),
    projectId: String(run.run.project),
    name,
    displayName: run.run.name,
    description: tag("wandb.notes"),
    notes: tag("wandb.notes"),
    group: tag("wandb.group"),
    groupName: tag("wandb.group"),
    jobType: tag("wandb.job_type"),
    commit: tag("wandb.commit"),
    host: tag("wandb.host"),
    sweepName: null,
    readOnly: false,
    config,
    summaryMetrics: summary,
    project: bareProject({ entity, project }, run.run.project),
    user: personFields(run.run.person),
    tags: async (_: Fields, call: WandbCall) => {
      const text = await tag("wandb.tags")(_, call);
      return text === null ? [] : textsOf(readLooseJson(text));
    },
    state: runStates[run.run.status],
    stopped: run.run.stopMs !== null,
    createdAt: new Date(run.run.startedMs).toISOString(),
    heartbeatAt: new Date(run.run.seenMs).toISOString(),
    updatedAt: new Date(run.run.seenMs).toISOString(),
    historyLineCount: run.historyLines,
    eventsLineCount: run.eventLines,
    logLineCount: run.consoleLines,
    historyTail: tailText(run.historyTail),
    eventsTail: tailText(run.eventsTail),
    wandbConfig: ({ keys }: Fields) => configPart(config, textsOf(keys)),
    ...historyFields(run),
    fileCount: (_: Fields, call: WandbCall) => countRunFiles(call, run.run),
    files: (args: Fields, call: WandbCall) => runFiles(call, run.run, args),
    outputArtifacts: (args: Fields, call: WandbCall) => artifactPage(call, { madeBy: run.run.number }, args),
    inputArtifacts: (args: Fields, call: WandbCall) => artifactPage(call, { usedBy: run.run.number }, args),
    alerts: async (_: Fields, { context }: WandbCall) => {
      const alerts = await readAlerts(context.database, run.run.number);
      return alerts.map(({ ms, ...alert }) => ({ ...alert, createdAt: new Date(ms).toISOString() }));
    },
  };
}

/** W&B's names of statuses. */
export const runStates: Readonly<Record<TrackedStatus, string>> = {
  scheduled: "pending",
  running: "running",
  completed: "finished",
  stopped: "killed",
  interrupted: "killed",
  killed: "killed",
  crashed: "crashed",
  failed: "failed",
};

/** The last rows, as a JSON list of JSON texts. */
function tailText(line: string): string {
  return JSON.stringify(line === "" ? [] : [line]);
}

/** The client's own part of the configuration. Clients take its `t` as a sign that the run has begun. */
function configPart(config: string, keys: readonly string[]): string {
  const own = fieldsOf(fieldsOf(fieldsOf(readLooseJson(config))["_wandb"])["value"]);
  return JSON.stringify(Object.fromEntries(Object.entries(own).filter(([key]) => keys.includes(key))));
}

/** Returns a reader of a run's tags that queries them once for all fields. */
function tagsOf(run: number): (key: string) => (_: Fields, call: WandbCall) => Promise<string | null> {
  let read: Promise<ReadonlyMap<string, string>> | null = null;
  return (key) =>
    async (_, { context }) => {
      read ??= readTags(context.database, run);
      return (await read).get(key) ?? null;
    };
}
