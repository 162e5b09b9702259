/**
 * @file Jobs that end with the pod of their head. Pods run nothing; one Ray cluster represents all of them. When a head
 * pod is deleted, its job is stopped and removed from that cluster.
 */
import { forgetJob, jobInfo, type RayDashboard, stopJob } from "./dashboard.ts";
import type { KubeObject } from "./resources.ts";

/**
 * How long Ray still writes the state of an ended job. A job removed earlier reappears as failed, and a missing job may
 * still be starting.
 */
const settleMs = 4000;

/** Jobs of the heads in a namespace. */
export class HeadJobs {
  readonly #dashboard: RayDashboard | null;
  /** Jobs by the pod's UID. */
  readonly #running = new Map<string, string>();
  /** Ending jobs and the times of their end. */
  readonly #ending = new Map<string, number | null>();
  /** Jobs by cluster. */
  #jobs: ReadonlyMap<string, string> = new Map();

  /** @param dashboard `null`: there are no jobs */
  constructor(dashboard: RayDashboard | null) {
    this.#dashboard = dashboard;
  }

  /** Whether the job of the pod's cluster is still ending with an earlier head, so that no new one may start. */
  isEnding(pod: KubeObject): boolean {
    return this.#ending.has(this.#jobs.get(clusterOf(pod)) ?? "");
  }

  /** One pass over the pods and jobs. */
  async look(pods: readonly KubeObject[], jobs: readonly KubeObject[]): Promise<void> {
    const dashboard = this.#dashboard;
    if (dashboard === null) return;
    this.#jobs = new Map(jobs.map(({ status }) => [status?.rayClusterName ?? "", status?.jobId ?? ""]));
    const heads = pods.filter(isRunningHead);
    for (const head of heads) {
      const job = this.#jobs.get(clusterOf(head));
      if (job !== undefined) this.#running.set(head.metadata.uid, job);
    }
    const alive = new Set(heads.map(({ metadata }) => metadata.uid));
    for (const [uid, job] of this.#running) {
      if (alive.has(uid)) continue;
      this.#running.delete(uid);
      this.#ending.set(job, null);
    }
    for (const [job, endedMs] of this.#ending) await this.#end(dashboard, job, endedMs);
  }

  async #end(dashboard: RayDashboard, job: string, endedMs: number | null): Promise<void> {
    const info = await jobInfo(dashboard, job);
    if (info?.status === "PENDING" || info?.status === "RUNNING") await stopJob(dashboard, job);
    else if (endedMs === null) this.#ending.set(job, Date.now());
    else if (Date.now() < endedMs + settleMs) return;
    else if (info === null) this.#ending.delete(job);
    else await forgetJob(dashboard, job);
  }
}

function isRunningHead({ metadata, status }: KubeObject): boolean {
  const isHead = metadata.labels?.["ray.io/node-type"] === "head";
  return isHead && status.phase === "Running" && metadata.deletionTimestamp === undefined;
}

function clusterOf({ metadata }: KubeObject): string {
  return metadata.labels?.["ray.io/cluster"] ?? "";
}
