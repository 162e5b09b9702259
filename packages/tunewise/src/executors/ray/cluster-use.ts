/** @file What a Ray cluster is used for: jobs of ours that have not ended, its nodes, and whether anything is at work. */
import { setTimeout as sleep } from "node:timers/promises";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Cluster, clusterOf } from "./cluster.ts";
import { Dashboard, type ListedJob, type RayActivity } from "./dashboard.ts";

/** How often a job is asked whether it has ended, and for how long. @source Ray 2.60: SIGKILL 3 s after SIGTERM */
const [askEveryMs, asksMost] = [2_000, 30];
const ended: ReadonlySet<string> = new Set(["STOPPED", "SUCCEEDED", "FAILED"]);

/** A job of ours that has not ended. */
export interface ClusterJob {
  readonly id: string;
  readonly run: string;
  /** Such as `PENDING` and `RUNNING`. */
  readonly status: string;
  readonly startedMs: number | null;
}

/** What a cluster is used for. */
export interface ClusterUse {
  readonly address: string;
  readonly cluster: Cluster;
  readonly jobs: readonly ClusterJob[];
  /** `null`: the cluster cannot tell. */
  readonly activity: RayActivity | null;
}

/**
 * Asks a cluster what it is used for.
 *
 * @throws {TunewiseError} `RAY_ADDRESS_INVALID`, `RAY_UNREACHABLE`, `RAY_DENIED`, `RAY_VERSION_UNFIT`
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

/** Jobs of ours carry their run in their name and beside it. */
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
 * Stops a job, and waits until the cluster has said twice that it has ended: an error says nothing.
 *
 * @param pause waits for so many milliseconds
 * @throws {TunewiseError} `RAY_JOB_NOT_STOPPED`, and those of `Dashboard.ask`
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
  for (let asked = 0; asked < asksMost; asked++) {
    const job = await dashboard.job(id);
    status = job?.status ?? "gone";
    said = job === null || ended.has(status) ? said + 1 : 0;
    if (said === 2) return;
    await pause(askEveryMs);
  }
  throw problem("RAY_JOB_NOT_STOPPED", { job: id, address: dashboard.address, status });
}
