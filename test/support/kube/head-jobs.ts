/**
 * @file Jobs that end with the pod of their head. Pods run nothing: on the Ray cluster that stands for all of them a
 * job is stopped, and forgotten, when the pod goes that it would have gone with.
 */
import { forgetJob, jobInfo, type RayDashboard, stopJob } from "./dashboard.ts";
import type { KubeObject } from "./resources.ts";

/** How long Ray still writes of a job that has ended: one that is forgotten earlier comes back as failed. */
const settleMs = 4000;

/** Jobs of the heads of a namespace. */
export class HeadJobs {
  readonly #dashboard: RayDashboard | null;
  /** Cluster and job by the pod's identity. */
  readonly #running = new Map<string, { readonly cluster: string; readonly job: string }>();
  /** Job by cluster, and since when it has ended. */
  readonly #ending = new Map<string, { readonly job: string; readonly endedMs: number | null }>();

  /** @param dashboard `null`: there are no jobs */
  constructor(dashboard: RayDashboard | null) {
    this.#dashboard = dashboard;
  }

  /** Whether a head that ended still has a job there, so that no new one may take its place. */
  isEnding(pod: KubeObject): boolean {
    return this.#ending.has(clusterOf(pod));
  }

  /** One look at the pods and jobs. */
  async look(pods: readonly KubeObject[], jobs: readonly KubeObject[]): Promise<void> {
    const dashboard = this.#dashboard;
    if (dashboard === null) return;
    const heads = pods.filter(isRunningHead);
    for (const { status } of jobs) {
      const head = heads.find((pod) => clusterOf(pod) === status?.rayClusterName);
      const isStarted = head !== undefined && status?.jobDeploymentStatus === "Running";
      if (isStarted) this.#running.set(head.metadata.uid, { cluster: clusterOf(head), job: status.jobId });
    }
    const alive = new Set(heads.map(({ metadata }) => metadata.uid));
    for (const [uid, { cluster, job }] of this.#running) {
      if (alive.has(uid)) continue;
      this.#running.delete(uid);
      this.#ending.set(cluster, { job, endedMs: null });
    }
    for (const [cluster, { job, endedMs }] of this.#ending) {
      const info = await jobInfo(dashboard, job);
      if (info === null) this.#ending.delete(cluster);
      else if (info.status === "PENDING" || info.status === "RUNNING") await stopJob(dashboard, job);
      else if (endedMs === null) this.#ending.set(cluster, { job, endedMs: Date.now() });
      else if (Date.now() > endedMs + settleMs) await forgetJob(dashboard, job);
    }
  }
}

function isRunningHead({ metadata, status }: KubeObject): boolean {
  const isHead = metadata.labels?.["ray.io/node-type"] === "head";
  return isHead && status.phase === "Running" && metadata.deletionTimestamp === undefined;
}

function clusterOf({ metadata }: KubeObject): string {
  return metadata.labels?.["ray.io/cluster"] ?? "";
}
