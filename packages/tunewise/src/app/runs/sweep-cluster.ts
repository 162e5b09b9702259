/**
 * @file Finds all jobs of a Ray cluster with tunewise's tag, and the hourly cost of those that are no longer managed.
 */
import { join, resolve } from "node:path";
import { type Usd, usd } from "@tunewise/core/quantity";
import { runsPath } from "@tunewise/tracker";
import {
  type ClusterJob,
  type ClusterUse,
  clusterUse,
  isLeased,
  stopClusterJob,
} from "../../executors/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { findRun, recipeOfRun } from "./find-run.ts";

/** A job with tunewise's tag. */
export interface SweptJob extends ClusterJob {
  /**
   * State of the job:
   * - `at-work`: its controller here reported within the lease
   * - `orphan`: its controller did not report
   * - `unknown`: the run is not in the output folder, and may be managed elsewhere
   */
  readonly standing: "at-work" | "orphan" | "unknown";
  /** Hourly cost of the cluster as planned for the run; `null` if unknown. */
  readonly usdPerHour: Usd | null;
}

/** A cluster, and the state of its jobs. */
export interface SweptCluster extends Omit<ClusterUse, "jobs"> {
  readonly jobs: readonly SweptJob[];
  /** Hourly cost of the whole cluster: as given, otherwise the highest price with which a run here was planned. */
  readonly usdPerHour: Usd | null;
}

/**
 * Compares the jobs of a cluster with the runs of an output folder.
 *
 * @param rate hourly cost of the cluster; `null` to use the prices of the runs
 * @throws {TunewiseError} those of `clusterUse`
 */
export async function sweepCluster(
  address: string,
  output: string,
  rate: Usd | null,
  runtime: Runtime,
): Promise<SweptCluster> {
  const use = await clusterUse(address, runtime);
  const jobs: SweptJob[] = [];
  for (const job of use.jobs) jobs.push(await sweptOf(job, output, runtime));
  const prices = jobs.flatMap(({ usdPerHour }) => usdPerHour ?? []);
  const highest = prices.length === 0 ? null : (Math.max(...prices) as Usd);
  return { ...use, jobs, usdPerHour: rate ?? highest };
}

/**
 * Stops orphaned jobs, one after the other.
 *
 * @returns their ids; the cluster confirmed the end of each job twice
 * @throws {TunewiseError} those of `stopClusterJob`
 */
export async function stopOrphans({ address, jobs }: SweptCluster, runtime: Runtime): Promise<string[]> {
  const orphans = jobs.filter(({ standing }) => standing === "orphan").map(({ id }) => id);
  for (const id of orphans) await stopClusterJob(address, id, runtime);
  return orphans;
}

async function sweptOf(job: ClusterJob, output: string, runtime: Runtime): Promise<SweptJob> {
  const found = await findRun(job.run, runtime, output).catch((error: unknown) => {
    if (TunewiseError.is(error) && error.code === "RUN_NOT_FOUND") return null;
    throw error;
  });
  if (found === null) return { ...job, standing: "unknown", usdPerHour: null };
  const isCared = await isLeased(join(runsPath(resolve(runtime.cwd, output)), found.run.id), runtime);
  const { usdPerHour } = (await recipeOfRun(found)).recipe.machine;
  return {
    ...job,
    standing: isCared ? "at-work" : "orphan",
    usdPerHour: usdPerHour > 0 ? usd(usdPerHour) : null,
  };
}
