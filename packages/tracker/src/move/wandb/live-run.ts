/**
 * @file A run on a W&B server while it works: begun or taken up again, given rows, ended.
 *
 * Rows are numbered: one that is sent again, as its answer got lost, takes the place of itself. A run that is taken up
 * again goes on after the rows that are there, and what people changed on the server (name, tags, entries of the
 * configuration and the summary) stays.
 *
 * @source wandb/wandb core/api/graphql/query_run_resume_status.graphql, mutation_run.graphql, core/internal/filestream
 */
import type { Fact, TrackedStatus } from "../../tracking/nouns.ts";
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

/** What a server is told of a run at its beginning. */
export interface WandbLiveRun {
  /** A team or a person; `null`: the one that the server takes for the key. */
  readonly entity: string | null;
  readonly project: string;
  /** Here. */
  readonly id: string;
  readonly name: string;
  readonly startedMs: number;
  readonly params: readonly Fact[];
  /** At most 64 characters each. */
  readonly tags: readonly string[];
}

/** Rows of one request. */
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

/** A run on a server. All methods may throw `MOVE_SERVER_FAILED` and `MOVE_CREDENTIALS`; what failed may be repeated. */
export class WandbRunLog {
  /** Whether somebody pressed stop on the server since this run began, or was taken up again. */
  isStopAsked = false;
  /** Where it is, as W&B takes the names. */
  readonly place: { readonly entity: string | null; readonly project: string; readonly name: string };
  private readonly server: WandbServer;
  private readonly run: WandbLiveRun;
  /** Of its rows there; `null`: not begun. */
  private path: string | null = null;
  /** Rows that are there. */
  private lines = 0;
  private config: Loose = {};
  private readonly summary = new Map<string, unknown>();
  /** Metrics whose x axis the server knows. */
  private defined: ReadonlySet<string> = new Set();
  /** Seconds that the run had worked for at `sinceMs`. */
  private workedBefore = 0;
  private sinceMs: number | null = null;
  /** Whether the server said stop as a run was taken up again: that word was for its earlier part. */
  private isOldStop: boolean | null = null;

  constructor(server: WandbServer, run: WandbLiveRun) {
    [this.server, this.run] = [server, run];
    this.place = { entity: run.entity, project: wandbProject(run.project), name: wandbId(run.id) };
  }

  /** Begins the run, or takes up the one that was logged before under the same id. */
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
   * Sends points that were logged one after another, as far as they fit into one request; without any it is a sign of
   * life. Gives how many were sent.
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

  /** Ends the run, with figures for its summary. */
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

  /** Tells the server of metrics that it does not know, so that their charts have the training step below them. */
  private async define(keys: readonly string[]): Promise<void> {
    const defined = new Set([...this.defined, ...keys]);
    await this.upsert(this.place, [...defined]);
    this.defined = defined;
  }

  private async upsert(variables: Loose, keys: readonly string[]): Promise<Loose> {
    const own = looseOf(looseOf(this.config["_wandb"])["value"]);
    // a client takes a run for one that has begun by its `t`
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

  /** Seconds that the run had worked for at an instant, without what lies between its sessions. */
  private runtimeAt(ms: number): number {
    this.sinceMs ??= ms;
    return this.workedBefore + Math.max(0, ms - this.sinceMs) / 1000;
  }

  private async stream(body: Loose): Promise<void> {
    if (this.path === null) throw new Error("Internal: rows of a run that was not begun");
    const { stopped } = await this.server.post(`${this.path}/file_stream`, body);
    this.isOldStop ??= stopped === true;
    this.isStopAsked = stopped === true && !this.isOldStop;
  }

  private unfit(request: string, answer: string): Error {
    return serverFailed({ place: this.server.place, request }, answer);
  }
}

/** Metrics whose x axis a configuration has as `metricDefinitions` writes it. */
function definedIn(config: Loose): string[] {
  const [first, ...others] = looseList(looseOf(looseOf(config["_wandb"])["value"])["m"]);
  return first?.[1] === globalStep ? others.map((definition) => textIn(definition, "1")) : [];
}

/** Points that are looked at for the rows of one request. */
const maxPoints = 20 * maxRows;
