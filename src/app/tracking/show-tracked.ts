/** @file `tunewise runs show` for a run of any client: its metrics, its costs with their prices, and related runs. */
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type Database,
  findTrackedRun,
  findTrackedRunOrNull,
  type Point,
  type Reader,
  readChart,
  readKeys,
  readLatest,
  readSpend,
  readStoredRuns,
  runsOfLaunch,
  type SpendLine,
  type TrackedRun,
} from "../../track/index.ts";
import { defaultOutput } from "../runs/index.ts";
import { settleMeters } from "./launches/settle-launches.ts";
import { type ListedRun, listedRun } from "./list-runs.ts";
import { resolveRunId } from "./run-reference.ts";
import { withSettledStore } from "./with-database.ts";

/** A metric: its last value, and points of its curve. */
export interface ShownMetric {
  readonly key: string;
  readonly last: number | null;
  readonly points: readonly Point[];
}

/** Details of a run. */
export interface TrackedDetails extends ListedRun {
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly ShownMetric[];
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
 * @param word an id, a prefix of one, or `latest`
 * @param store a folder of runs, or the address of a database
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function showTrackedRun(
  word: string,
  store: string | undefined,
  runtime: Runtime,
): Promise<TrackedDetails> {
  await settleMeters(store, runtime);
  const details = await withSettledStore(store, runtime, async (database) =>
    detailsOf(database, await find(database, word)),
  );
  if (!details) throw problem("RUN_NOT_FOUND", { id: word, store: store ?? defaultOutput });
  return details;
}

async function find(database: Database, word: string): Promise<TrackedRun> {
  return findTrackedRun(database, await resolveRunId(database, word));
}

async function detailsOf(reader: Reader, run: TrackedRun): Promise<TrackedDetails> {
  const { number, launchedBy } = run;
  const launcher = launchedBy === null ? null : await findTrackedRunOrNull(reader, { number: launchedBy });
  const metrics: ShownMetric[] = [];
  for (const key of await readKeys(reader, number)) {
    const points = await readChart(reader, { run: number, key }, { axis: "step", places });
    metrics.push({ key, last: await readLatest(reader, number, key), points });
  }
  const words = new Map<"params" | "tags", Record<string, string>>();
  for await (const stored of readStoredRuns(reader, [number])) {
    for (const of of ["params", "tags"] as const)
      words.set(of, Object.fromEntries(stored[of].map(({ key, value }) => [key, value])));
  }
  return {
    ...(await listedRun(reader, run)),
    params: words.get("params") ?? {},
    tags: words.get("tags") ?? {},
    metrics,
    spend: await readSpend(reader, number),
    launchedBy: launcher?.id ?? null,
    launched: (await runsOfLaunch(reader, number)).map(({ id }) => id),
  };
}
