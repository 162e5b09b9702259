/**
 * @file Mirrors a running run to a W&B server: started or resumed, sent rows, ended.
 *
 * Rows are numbered, so a row that is sent again after a lost response replaces itself. A resumed run continues after
 * the rows on the server. Changes that users made there (name, tags, entries of the configuration and the summary) are
 * kept.
 *
 * @source wandb/wandb core/api/graphql/query_run_resume_status.graphql, mutation_run.graphql, core/internal/filestream
 */
import type { KeyValue, TrackedStatus } from "../../tracking/types.ts";
import { looseJsonObject, readLooseObject } from "../../wandb/loose-json.ts";
import type { MovedPoint } from "../history.ts";
import { type Loose, looseList, looseOf, textIn, textOrNull, wholeIn } from "../read-row.ts";
import { serverFailed } from "../server-answer.ts";
import {
  configValue,
  globalStep,
  metricDefinitions,
  type PointRow,
  rowLine,
  rowsOf,
  wandbId,
  wandbProject,
} from "./own-rows.ts";
import type { WandbServer } from "./wandb-server.ts";

/** Data sent to a server when a run begins. */
export interface WandbLiveRun {
  /** A team or user; `null`: the default of the API key. */
  readonly entity: string | null;
  readonly project: string;
  /** Id of the run in this store. */
  readonly id: string;
  readonly name: string;
  readonly startedMs: number;
  readonly params: readonly KeyValue[];
  /** At most 64 characters each. */
  readonly tags: readonly string[];
}

/** Maximum rows per request. */
const maxRows = 1000;

const findRun = `query RunResumeStatus($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) {
    bucket(name: $name, missingOk: true) { id config summaryMetrics historyLineCount }
  }
}`;

const upsertRun = `mutation UpsertBucket($name: String, $project: String, $entity: String, $displayName: String,
  $config: JSONString, $tags: [String!]) {
  upsertBucket(input: {
    name: $name, modelName: $project, entityName: $entity, displayName: $displayName, config: $config, tags: $tags
  }) {
    bucket { id name project { name entity { name } } }
    inserted
  }
}`;

/**
 * A run on a server. All methods may throw `MOVE_SERVER_FAILED` and `MOVE_CREDENTIALS`; a failed call may be repeated.
 */
export class WandbRunLog {
  /** Whether a user pressed stop on the server since this run was started or resumed. */
  isStopRequested = false;
  /** Location of the run, in names that W&B accepts. */
  readonly place: { readonly entity: string | null; readonly project: string; readonly name: string };
  private readonly server: WandbServer;
  private readonly run: WandbLiveRun;
  /** URL path of its files; `null`: not started. */
  private path: string | null = null;
  /** Number of rows on the server. */
  private lines = 0;
  private config: Loose = {};
  private readonly summary = new Map<string, unknown>();
  /** Metrics whose x axis the server knows. */
  private defined: ReadonlySet<string> = new Set();
  /** Seconds that the run had worked at `sinceMs`. */
  private workedBefore = 0;
  private sinceMs: number | null = null;
  /**
   * Whether the server already reported a stop when the run was resumed. Such a stop applies to the earlier session.
   */
  private isOldStop: boolean | null = null;

  constructor(server: WandbServer, run: WandbLiveRun) {
    [this.server, this.run] = [server, run];
    this.place = { entity: run.entity, project: wandbProject(run.project), name: wandbId(run.id) };
  }

  /** Starts the run, or resumes the one that was logged under the same id. */
  async begin(): Promise<void> {
    if (this.path !== null) return;
    const { place } = this;
    const { name, startedMs, tags } = this.run;
    const found = await this.server.ask("RunResumeStatus", findRun, place);
    const bucket = looseOf(looseOf(found["model"])["bucket"]);
    const isNew = textIn(bucket, "id") === "";
    if (isNew) [this.sinceMs, this.isOldStop] = [startedMs, false];
    else this.takeUp(bucket);
    const about = isNew ? { displayName: name, tags } : {};
    const answer = await this.upsert({ ...place, ...about }, []);
    const there = looseOf(answer["project"]);
    const parts = [textOrNull(looseOf(there["entity"]), "name"), textOrNull(there, "name")];
    if (parts.includes(null)) throw this.unfit("UpsertBucket", "nothing that says where the run is");
    this.path = ["/files", ...[...parts, place.name].map((part) => encodeURIComponent(part ?? ""))].join("/");
  }

  /**
   * Sends consecutive points, as many as fit into one request. Without points it is a heartbeat. Returns how many were
   * sent.
   */
  async log(points: readonly MovedPoint[]): Promise<number> {
    const rows = rowsOf(points.slice(0, maxPoints)).slice(0, maxRows);
    const keys = rows.flatMap((row) => row.map(({ key }) => key)).filter((key) => !this.defined.has(key));
    if (keys.length > 0) await this.define(keys);
    const content = rows.map((row, at) => rowLine(row, this.lines + at, this.runtimeAt(row[0].ms)));
    for (const [at, row] of rows.entries()) this.sumUp(row, this.lines + at);
    const files =
      rows.length === 0
        ? {}
        : { "wandb-history.jsonl": { offset: this.lines, content }, ...this.summaryFile() };
    await this.stream({ files });
    this.lines += rows.length;
    return rows.reduce((sum, row) => sum + row.length, 0);
  }

  /** Ends the run, adding figures to its summary. */
  async end(
    status: TrackedStatus,
    endedMs: number,
    figures: readonly (readonly [string, number])[],
  ): Promise<void> {
    for (const [key, value] of figures) this.summary.set(key, value);
    this.summary.set("_wandb", { runtime: Math.round(this.runtimeAt(endedMs)) });
    const exitcode = status === "completed" ? 0 : 1;
    await this.stream({ files: this.summaryFile(), complete: true, exitcode });
  }

  private takeUp(bucket: Loose): void {
    const lines = wholeIn(bucket, "historyLineCount");
    if (lines === null || lines < 0) throw this.unfit("RunResumeStatus", "no count of the run's rows");
    this.lines = lines;
    this.config = readLooseObject(textIn(bucket, "config")) ?? {};
    for (const [key, value] of Object.entries(readLooseObject(textIn(bucket, "summaryMetrics")) ?? {}))
      this.summary.set(key, value);
    this.defined = new Set(definedIn(this.config));
    const runtimes = [this.summary.get("_runtime"), looseOf(this.summary.get("_wandb"))["runtime"]];
    const seconds = runtimes.filter((item) => typeof item === "number" && item > 0) as number[];
    this.workedBefore = Math.max(0, ...seconds);
  }

  /** Defines new metrics on the server, so that their charts use the training step as x axis. */
  private async define(keys: readonly string[]): Promise<void> {
    const defined = new Set([...this.defined, ...keys]);
    await this.upsert(this.place, [...defined]);
    this.defined = defined;
  }

  private async upsert(variables: Loose, keys: readonly string[]): Promise<Loose> {
    const own = looseOf(looseOf(this.config["_wandb"])["value"]);
    // W&B clients recognize a run that has begun by its `t`.
    const client = {
      ...own,
      t: own["t"] ?? {},
      m: keys.length > 0 ? metricDefinitions(keys) : (own["m"] ?? []),
    };
    const params = this.run.params.map((fact) => [fact.key, { value: configValue(fact) }] as const);
    const config = { ...this.config, ...Object.fromEntries(params), _wandb: { value: client } };
    const answer = await this.server.ask("UpsertBucket", upsertRun, {
      ...variables,
      config: JSON.stringify(config),
    });
    return looseOf(looseOf(answer["upsertBucket"])["bucket"]);
  }

  private sumUp(row: PointRow, line: number): void {
    for (const { key, value } of row) this.summary.set(key, value);
    const [{ step, ms }] = row;
    this.summary.set(globalStep, step);
    this.summary.set("_step", line);
    this.summary.set("_timestamp", ms / 1000);
    this.summary.set("_runtime", this.runtimeAt(ms));
  }

  private summaryFile(): Loose {
    return { "wandb-summary.json": { offset: 0, content: [looseJsonObject(this.summary)] } };
  }

  /** Seconds that the run had worked at an instant, excluding the time between sessions. */
  private runtimeAt(ms: number): number {
    this.sinceMs ??= ms;
    return this.workedBefore + Math.max(0, ms - this.sinceMs) / 1000;
  }

  private async stream(body: Loose): Promise<void> {
    if (this.path === null) throw new Error("Internal: rows of a run that was not begun");
    const { stopped } = await this.server.post(`${this.path}/file_stream`, body);
    this.isOldStop ??= stopped === true;
    this.isStopRequested = stopped === true && !this.isOldStop;
  }

  private unfit(request: string, answer: string): Error {
    return serverFailed({ place: this.server.place, request }, answer);
  }
}

/** Metrics with an x axis in a configuration, as `metricDefinitions` writes them. */
function definedIn(config: Loose): string[] {
  const [first, ...others] = looseList(looseOf(looseOf(config["_wandb"])["value"])["m"]);
  return first?.[1] === globalStep ? others.map((definition) => textIn(definition, "1")) : [];
}

/** Maximum points considered for the rows of one request. */
const maxPoints = 20 * maxRows;
