/**
 * @file A run as identified by its W&B client (entity, project, and a name chosen by the client), with configuration,
 * summary and descriptive texts.
 */

import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { TunewiseError } from "../problem/index.ts";
import { putFacts, runParams } from "../tracking/facts.ts";
import { addProject, findProject } from "../tracking/projects.ts";
import { addTrackedRun, runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { KeyValue, Project, TrackedRun } from "../tracking/types.ts";
import { isObject, keepable, readLooseObject } from "./loose-json.ts";

/** A run's location, in the client's terms. */
export interface WandbPath {
  readonly entity: string;
  readonly project: string;
  readonly name: string;
}

/** A run with the state that its client keeps on the server. */
export interface WandbRun extends WandbPath {
  readonly run: TrackedRun;
  /** JSON: `{"lr": {"value": 0.1}, "_wandb": {...}}`. */
  readonly config: string;
  /** JSON. */
  readonly summary: string;
  readonly historyLines: number;
  readonly eventLines: number;
  readonly consoleLines: number;
  /** The last row of each kind, as received. */
  readonly historyTail: string;
  readonly eventsTail: string;
  /** The latest time in any row. */
  readonly loggedMs: number;
}

/** The entity of runs whose clients specify none. */
export const defaultEntity = "tunewise";

/** Query for rows that `wandbRunFrom` reads. */
export const select: string = `SELECT wandb_runs.*, ${runColumns
  .split(", ")
  .map((column) => `runs.${column} AS run_${column}`)
  .join(", ")} FROM wandb_runs JOIN runs ON runs.number = wandb_runs.run`;

/** The run with a path or a number, or `null`. */
export async function findWandbRun(
  reader: Reader,
  by: WandbPath | { readonly number: number },
): Promise<WandbRun | null> {
  const [row] =
    "number" in by
      ? await reader.all(`${select} WHERE wandb_runs.run = ?`, by.number)
      : await reader.all(
          `${select} WHERE entity = ? AND wandb_runs.project = ? AND wandb_runs.name = ?`,
          ...[by.entity, by.project, by.name],
        );
  return row ? wandbRunFrom(row) : null;
}

/** Converts a row of `select`. */
export function wandbRunFrom(row: SqlRow): WandbRun {
  const run: Record<string, SqlRow[string]> = {};
  for (const [column, value] of Object.entries(row)) {
    if (column.startsWith("run_")) run[column.slice("run_".length)] = value;
  }
  return {
    run: trackedRunFrom(run),
    entity: String(row["entity"]),
    project: String(row["project"]),
    name: String(row["name"]),
    config: String(row["config"]),
    summary: String(row["summary"]),
    historyLines: Number(row["history_lines"]),
    eventLines: Number(row["event_lines"]),
    consoleLines: Number(row["console_lines"]),
    historyTail: String(row["history_tail"]),
    eventsTail: String(row["events_tail"]),
    loggedMs: Number(row["logged_ms"]),
  };
}

/** The store's name for a W&B project; with the entity's name unless it is the default entity. */
export function projectName({ entity, project }: Pick<WandbPath, "entity" | "project">): string {
  return keepable(entity === defaultEntity ? project : `${entity}/${project}`);
}

/** The project with a path, or `null`. */
export async function findWandbProject(
  reader: Reader,
  path: Pick<WandbPath, "entity" | "project">,
): Promise<Project | null> {
  return findProject(reader, { name: projectName(path) });
}

/** The project with a path, created if missing. */
export async function openWandbProject(
  transaction: Transaction,
  path: Pick<WandbPath, "entity" | "project">,
  nowMs: number,
): Promise<Project> {
  const found = await findWandbProject(transaction, path);
  return found ?? addProject(transaction, { name: projectName(path), artifactRoot: null, tags: [], nowMs });
}

/**
 * Adds a run. Its id in the store is the client's name for it, or `spareId` if that id is taken.
 *
 * @param person user who logs it
 */
export async function addWandbRun(
  transaction: Transaction,
  path: WandbPath,
  about: {
    readonly project: number;
    readonly displayName: string;
    readonly person: string;
    readonly spareId: string;
    readonly tags: readonly KeyValue[];
    readonly nowMs: number;
    readonly fingerprint: string | null;
    readonly family: string | null;
    readonly launchedBy: number | null;
  },
): Promise<WandbRun> {
  const add = (id: string): Promise<TrackedRun> =>
    addTrackedRun(transaction, {
      id,
      project: about.project,
      name: keepable(about.displayName),
      status: "running",
      client: "wandb",
      person: about.person,
      purpose: "experiment",
      startedMs: about.nowMs,
      fingerprint: about.fingerprint,
      family: about.family,
      launchedBy: about.launchedBy,
      tags: about.tags,
    });
  const run = await add(path.name).catch((error: unknown) => {
    if (TunewiseError.is(error) && error.code === "RUN_EXISTS") return add(about.spareId);
    throw error;
  });
  await transaction.run(
    `INSERT INTO wandb_runs (run, entity, project, name, config, summary, history_lines, event_lines, console_lines,
       history_tail, events_tail, logged_ms) VALUES (?, ?, ?, ?, '{}', '{}', 0, 0, 0, '', '', 0)`,
    ...[run.number, path.entity, path.project, path.name],
  );
  const added = await findWandbRun(transaction, { number: run.number });
  if (!added) throw new Error("Internal: a run is gone that was just added");
  return added;
}

/** Descriptive texts of a run; `null`: not given. */
export interface RunWords {
  readonly group: string | null;
  readonly jobType: string | null;
  readonly notes: string | null;
  readonly host: string | null;
  readonly program: string | null;
  readonly commit: string | null;
  readonly sweep: string | null;
  readonly repo: string | null;
  readonly tags: readonly string[] | null;
}

/** Converts descriptive texts to tags. */
export function wandbTags({ tags, repo, jobType, ...words }: RunWords): KeyValue[] {
  const facts: KeyValue[] = [];
  for (const [name, value] of Object.entries({ ...words, job_type: jobType })) {
    if (value !== null) facts.push({ key: `wandb.${name}`, value: keepable(value) });
  }
  if (tags !== null) facts.push({ key: "wandb.tags", value: JSON.stringify(tags) });
  if (repo !== null) facts.push({ key: "wandb.repo", value: withoutSecrets(repo) });
  return facts;
}

/** Removes credentials from a repository address, which sometimes contains a password. */
function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return keepable(address);
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") [url.username, url.password] = ["", ""];
  return url.href;
}

/** Limits of parameters, which are for display and search. The configuration's JSON keeps longer values. */
const maxValueChars = 6000;
const maxKeyBytes = 1000;
const maxDepth = 16;

/** Stores a configuration, and its values as the run's parameters. */
export async function keepConfig(transaction: Transaction, run: number, config: string): Promise<void> {
  await transaction.run("UPDATE wandb_runs SET config = ? WHERE run = ?", keepable(config), run);
  await transaction.run("DELETE FROM params WHERE run = ?", run);
  const facts = [...configFacts(config)].map(([key, value]) => ({ key, value }));
  await putFacts(transaction, runParams, run, facts);
}

/**
 * The values of a configuration by key; nested keys are joined with dots.
 *
 * @source wandb/wandb core/internal/runconfig: `{"key": {"value": ..., "desc": ...}}`, with the client's internal data
 *   under `_wandb`
 */
export function configFacts(config: string): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  for (const [key, entry] of Object.entries(readLooseObject(config) ?? {})) {
    if (key === "_wandb") continue;
    addFacts(facts, key, isObject(entry) && "value" in entry ? entry["value"] : entry, 0);
  }
  return facts;
}

function addFacts(facts: Map<string, string>, key: string, value: unknown, depth: number): void {
  if (isObject(value) && Object.keys(value).length > 0 && depth < maxDepth) {
    for (const [name, inner] of Object.entries(value)) addFacts(facts, `${key}.${name}`, inner, depth + 1);
    return;
  }
  if (Buffer.byteLength(key) > maxKeyBytes || key === "") return;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  facts.set(keepable(key), keepable(text).slice(0, maxValueChars));
}
