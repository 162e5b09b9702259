/**
 * @file `tunewise runs show` for a run of any client: what it logged, what it cost at which price, and what belongs
 * to it.
 */
import { problem } from "../../../problem/index.ts";
import type { Host } from "../../../runtime/index.ts";
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
} from "../../../track/index.ts";
import { defaultOutput } from "../../runs/index.ts";
import { settleMeters } from "../launches/settle-meters.ts";
import { namedRun } from "../named-run.ts";
import { withSettledStore } from "../with-database.ts";
import { type ListedRun, listedRun } from "./list-runs.ts";

/** A metric: its last value, and points that show its course. */
export interface ShownMetric {
  readonly key: string;
  readonly last: number | null;
  readonly points: readonly Point[];
}

/** Everything about one run of a client. */
export interface TrackedDetails extends ListedRun {
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly ShownMetric[];
  /** Lines of the ledger, the oldest first. */
  readonly spend: readonly SpendLine[];
  /** Id of the command of `tunewise exec` that it ran in. */
  readonly launchedBy: string | null;
  /** Ids of the runs that a command of `tunewise exec` logged. */
  readonly launched: readonly string[];
}

/** Points of a metric: enough for a line of text or a small plot. */
const places = 60;

/**
 * One run of a store, of whatever client.
 *
 * @param word an id, the start of one, or `latest`
 * @param store a folder of runs, or the address of a database
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function showTrackedRun(
  word: string,
  store: string | undefined,
  host: Host,
): Promise<TrackedDetails> {
  await settleMeters(store, host);
  const details = await withSettledStore(store, host, async (database) =>
    detailsOf(database, await find(database, word)),
  );
  if (!details) throw problem("RUN_NOT_FOUND", { id: word, store: store ?? defaultOutput });
  return details;
}

async function find(database: Database, word: string): Promise<TrackedRun> {
  return findTrackedRun(database, await namedRun(database, word));
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
