/**
 * @file A stand-in of KubeRay's operator, which speaks the same REST as the real one, to either server. Pods run
 * nothing: one real Ray cluster stands for all that it makes.
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

/** How the operator is. */
export interface OperatorOptions {
  /** Default 200; KubeRay looks every 3000. */
  readonly everyMs?: number;
}

/**
 * Starts to look at the jobs and clusters of a namespace.
 *
 * @param dashboard where jobs are submitted, on this machine; `null`: it seems not to answer
 */
export async function startOperator(
  server: RunningServer,
  namespace: string,
  dashboard: RayDashboard | null,
  { everyMs = 200 }: OperatorOptions,
): Promise<{ end(): Promise<void> }> {
  const of = (plural: string) => collectionOf(server.access, namespace, plural);
  const written = {
    ...{ rayjobs: of("rayjobs"), rayclusters: of("rayclusters"), pods: of("pods") },
    ...{ services: of("services"), endpoints: of("endpoints"), secrets: of("secrets") },
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

/** Without its head a cluster has no dashboard. */
async function hasHead(pods: Collection, { status }: KubeObject): Promise<boolean> {
  const found = await pods.list(`ray.io/cluster=${status?.rayClusterName ?? ""},ray.io/node-type=head`);
  return found.some((pod) => pod.status.phase === "Running" && pod.metadata.deletionTimestamp === undefined);
}

/** What the API server may go to leads to the dashboard, which is on loopback. */
async function headOf(
  { isReal }: RunningServer,
  dashboard: RayDashboard | null,
): Promise<{ head: HeadAddress | null; close(): void }> {
  if (dashboard === null) return { head: null, close: () => undefined };
  const line = await startProxy(Number(new URL(dashboard.url).port), reachableAddress(isReal));
  return { head: { port: line.port, token: dashboard.token }, close: () => line.close() };
}
