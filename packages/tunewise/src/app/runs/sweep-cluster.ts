/** @file Finds every job of a Ray cluster that carries our tag, and what nobody looks after, in dollars an hour. */
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

/** A job with our tag. */
export interface SweptJob extends ClusterJob {
  /**
   * `at-work`: its controller here gave a sign of life within its lease · `orphan`: it gave none · `unknown`: the run
   * is none of the output folder, and may be looked after elsewhere.
   */
  readonly standing: "at-work" | "orphan" | "unknown";
  /** What an hour of the cluster costs, as the run was planned; `null`: nobody said. */
  readonly usdPerHour: Usd | null;
}

/** A cluster, and who looks after it. */
export interface SweptCluster extends Omit<ClusterUse, "jobs"> {
  readonly jobs: readonly SweptJob[];
  /** What an hour of all of it costs: as given, else the highest price that a run here was planned with. */
  readonly usdPerHour: Usd | null;
}

/**
 * Compares the jobs of a cluster with the runs of an output folder.
 *
 * @param rate what an hour of the cluster costs; `null`: as runs say
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
 * Stops the jobs that nobody looks after, one after the other.
 *
 * @returns their ids, each said twice to have ended
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
    ...{ ...job, standing: isCared ? "at-work" : "orphan" },
    usdPerHour: usdPerHour > 0 ? usd(usdPerHour) : null,
  };
}
