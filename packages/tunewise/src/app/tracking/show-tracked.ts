/** @file `tunewise runs show` for a run of any client: its metrics, its costs with their prices, and related runs. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Database,
  defaultOutput,
  findTrackedRun,
  findTrackedRunOrNull,
  folderArtifacts,
  isAddress,
  listArtifacts,
  listWandbFiles,
  type Point,
  type Reader,
  type RunAlert,
  readAlerts,
  readChart,
  readKeys,
  readLatest,
  readMetricAxes,
  readSpend,
  readStoredRuns,
  readSummaryValues,
  resolveRunId,
  runsOfLaunch,
  type SpendLine,
  type TrackedRun,
} from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { settleMeters } from "./launches/reconcile-launches.ts";
import { type ListedRun, listedRun } from "./list-runs.ts";
import { withSettledStore } from "./settled-store.ts";

/** A metric with its last value and points of its curve. */
export interface ShownMetric {
  readonly key: string;
  readonly last: number | null;
  /** The metric that its client uses as the x-axis; `null` for steps. */
  readonly over: string | null;
  readonly points: readonly Point[];
}

/** A file that a client logged. */
export interface ShownFile {
  readonly path: string;
  readonly bytes: number;
}

/** Details of a run. */
export interface TrackedDetails extends ListedRun {
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly ShownMetric[];
  /** Summary values from W&B's client, such as `loss.min` if the user requested it. Media are JSON. */
  readonly summary: Readonly<Record<string, number | string>>;
  /** Alerts raised by its program, oldest first. */
  readonly alerts: readonly RunAlert[];
  /** Files logged by W&B's client, including tables and media; `null` if they are not stored in a folder here. */
  readonly files: readonly ShownFile[] | null;
  /** Artifacts that the run created, such as `rows:v0`. */
  readonly artifacts: readonly string[];
  /** Ledger lines, oldest first. */
  readonly spend: readonly SpendLine[];
  /** Id of the `tunewise exec` command that started it. */
  readonly launchedBy: string | null;
  /** Ids of the runs that this `tunewise exec` command logged. */
  readonly launched: readonly string[];
}

/** Points per metric: enough for a sparkline or a small plot. */
const places = 60;

/**
 * Returns the details of a run of any client.
 *
 * @param word an id, an id prefix, or `latest`
 * @param store a folder of runs, or the address of a database
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function showTrackedRun(
  word: string,
  store: string | undefined,
  runtime: Runtime,
): Promise<TrackedDetails> {
  await settleMeters(store, runtime);
  const details = await withSettledStore(store, runtime, async (database) => {
    const run = await find(database, word);
    return {
      ...(await detailsOf(database, run, runtime.now().getTime())),
      files: await filesOf(run, store, runtime),
    };
  });
  if (!details) throw problem("RUN_NOT_FOUND", { id: word, store: store ?? defaultOutput });
  return details;
}

async function find(database: Database, word: string): Promise<TrackedRun> {
  return findTrackedRun(database, await resolveRunId(database, word));
}

/** Maximum number of listed files. */
const maxFiles = 100_000;

/** Reads the files from the default artifact folder of `tunewise serve`. Buckets are not queried. */
async function filesOf(
  { number, client }: TrackedRun,
  store: string | undefined,
  { cwd }: Runtime,
): Promise<ShownFile[] | null> {
  if (client !== "wandb") return [];
  const word = store ?? defaultOutput;
  const place = join(resolve(cwd, isAddress(word) ? defaultOutput : word), "artifacts");
  if (!existsSync(place)) return null;
  const files: ShownFile[] = [];
  for await (const file of listWandbFiles(
    folderArtifacts(place, () => ""),
    number,
  )) {
    if (files.length >= maxFiles) break;
    files.push(file);
  }
  return files;
}

/** Maximum number of listed artifacts. */
const maxArtifacts = 1_000;

async function detailsOf(
  reader: Reader,
  run: TrackedRun,
  nowMs: number,
): Promise<Omit<TrackedDetails, "files">> {
  const { number, launchedBy } = run;
  const axes = await readMetricAxes(reader, number);
  const made = await listArtifacts(reader, { madeBy: number }, { after: null, limit: maxArtifacts });
  const launcher = launchedBy === null ? null : await findTrackedRunOrNull(reader, { number: launchedBy });
  const metrics: ShownMetric[] = [];
  for (const key of await readKeys(reader, number)) {
    const points = await readChart(reader, { run: number, key }, { axis: "step", places });
    const last = await readLatest(reader, number, key);
    metrics.push({ key, last, over: axes.get(key) ?? null, points });
  }
  const words = new Map<"params" | "tags", Record<string, string>>();
  for await (const stored of readStoredRuns(reader, [number])) {
    for (const of of ["params", "tags"] as const)
      words.set(of, Object.fromEntries(stored[of].map(({ key, value }) => [key, value])));
  }
  return {
    ...(await listedRun(reader, run, nowMs)),
    params: words.get("params") ?? {},
    tags: words.get("tags") ?? {},
    metrics,
    summary: Object.fromEntries(await readSummaryValues(reader, number)),
    alerts: await readAlerts(reader, number),
    artifacts: made.map(({ collection, version }) => `${collection}:v${version}`),
    spend: await readSpend(reader, number),
    launchedBy: launcher?.id ?? null,
    launched: (await runsOfLaunch(reader, number)).map(({ id }) => id),
  };
}
