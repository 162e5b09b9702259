/**
 * @file A simulated KubeRay operator that uses the same REST requests as the real one, on either server. Pods run
 * nothing; one real Ray cluster represents everything it creates.
 */
import { startProxy } from "../tcp-proxy.ts";
import type { RunningServer } from "./api-stand-in.ts";
import { type Collection, collectionOf } from "./collection.ts";
import type { RayDashboard } from "./dashboard.ts";
import { every } from "./every.ts";
import { type HeadAddress, reconcileCluster } from "./ray-cluster-operator.ts";
import { reconcileJob } from "./ray-job-operator.ts";
import { reachableAddress } from "./reachable.ts";
import type { KubeObject } from "./resources.ts";

/** Settings of the operator. */
export interface OperatorOptions {
  /** Milliseconds between passes; default: 200. KubeRay uses 3000. */
  readonly everyMs?: number;
}

/**
 * Starts to reconcile the jobs and clusters of a namespace.
 *
 * @param dashboard where jobs are submitted, on this machine; `null`: no dashboard responds
 */
export async function startOperator(
  server: RunningServer,
  namespace: string,
  dashboard: RayDashboard | null,
  { everyMs = 200 }: OperatorOptions,
): Promise<{ end(): Promise<void> }> {
  const of = (plural: string) => collectionOf(server.access, namespace, plural);
  const written = {
    rayjobs: of("rayjobs"),
    rayclusters: of("rayclusters"),
    pods: of("pods"),
    services: of("services"),
    endpoints: of("endpoints"),
    secrets: of("secrets"),
  };
  const { head, close } = await headOf(server, dashboard);
  const turns = every(everyMs, "operator", async () => {
    for (const job of await written.rayjobs.list())
      await reconcileJob(written, job, (await hasHead(written.pods, job)) ? dashboard : null);
    for (const cluster of await written.rayclusters.list()) await reconcileCluster(written, cluster, head);
  });
  return {
    end: async () => {
      await turns.end();
      close();
    },
  };
}

/** Whether the cluster has a running head; without one it has no dashboard. */
async function hasHead(pods: Collection, { status }: KubeObject): Promise<boolean> {
  const found = await pods.list(`ray.io/cluster=${status?.rayClusterName ?? ""},ray.io/node-type=head`);
  return found.some((pod) => pod.status.phase === "Running" && pod.metadata.deletionTimestamp === undefined);
}

/** Starts a proxy to the dashboard on an address that the API server can reach; the dashboard listens on loopback. */
async function headOf(
  { isReal }: RunningServer,
  dashboard: RayDashboard | null,
): Promise<{ head: HeadAddress | null; close(): void }> {
  if (dashboard === null) return { head: null, close: () => undefined };
  const line = await startProxy(Number(new URL(dashboard.url).port), reachableAddress(isReal));
  return { head: { port: line.port, token: dashboard.token }, close: () => line.close() };
}
