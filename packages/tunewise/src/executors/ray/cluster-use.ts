/** @file Current use of a Ray cluster: tunewise's unfinished jobs, the nodes, and whether any driver is active. */
import { setTimeout as sleep } from "node:timers/promises";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Cluster, clusterOf } from "./cluster.ts";
import { Dashboard, type ListedJob, type RayActivity } from "./dashboard.ts";

/** Interval and maximum number of checks that a job has ended. @source Ray 2.60: SIGKILL 3 s after SIGTERM */
const [askEveryMs, maxAsks] = [2_000, 30];
const ended: ReadonlySet<string> = new Set(["STOPPED", "SUCCEEDED", "FAILED"]);

/** An unfinished job of tunewise. */
export interface ClusterJob {
  readonly id: string;
  readonly run: string;
  /** Such as `PENDING` and `RUNNING`. */
  readonly status: string;
  readonly startedMs: number | null;
}

/** Current use of a cluster. */
export interface ClusterUse {
  readonly address: string;
  readonly cluster: Cluster;
  readonly jobs: readonly ClusterJob[];
  /** `null` if the cluster does not report it. */
  readonly activity: RayActivity | null;
}

/**
 * Queries the current use of a cluster.
 *
 * @throws {TunewiseError} `RAY_ADDRESS_INVALID`, `RAY_UNREACHABLE`, `RAY_DENIED`, `RAY_VERSION_UNSUPPORTED`
 */
export async function clusterUse(
  address: string,
  runtime: Pick<Runtime, "environment">,
): Promise<ClusterUse> {
  const dashboard = await Dashboard.at(address, runtime);
  const cluster = clusterOf(await dashboard.requireReady(), await dashboard.nodes());
  const jobs = (await dashboard.jobs()).flatMap((job) => oursOf(job) ?? []);
  return { address: dashboard.address, cluster, jobs, activity: await dashboard.activity() };
}

/** Returns a job if it is an unfinished one of tunewise, which names its run in its metadata or its id. */
function oursOf({
  submission_id: id,
  metadata,
  status,
  start_time: startedMs,
}: ListedJob): ClusterJob | null {
  const run = metadata?.["tunewise_run"] ?? /^tunewise-(.+)-\d+$/.exec(id ?? "")?.[1];
  if (!id || run === undefined || ended.has(status)) return null;
  return { id, run, status, startedMs: startedMs || null };
}

/**
 * Stops a job, and waits until the cluster has reported twice in a row that it has ended.
 *
 * @param pause waits for the given milliseconds
 * @throws {TunewiseError} `RAY_JOB_NOT_STOPPED`, and the errors of `Dashboard.ask`
 */
export async function stopClusterJob(
  address: string,
  id: string,
  runtime: Pick<Runtime, "environment">,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<void> {
  const dashboard = await Dashboard.at(address, runtime);
  await dashboard.stop(id);
  let [said, status] = [0, ""];
  for (let asked = 0; asked < maxAsks; asked++) {
    const job = await dashboard.job(id);
    status = job?.status ?? "gone";
    said = job === null || ended.has(status) ? said + 1 : 0;
    if (said === 2) return;
    await pause(askEveryMs);
  }
  throw problem("RAY_JOB_NOT_STOPPED", { job: id, address: dashboard.address, status });
}
