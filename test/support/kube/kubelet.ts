/**
 * @file The nodes of a cluster and what runs pods on them: scheduler and kubelet in one. Pods run nothing; the Ray
 * cluster of `test/support/ray-cluster.ts` represents all of them.
 */
import type { RunningServer } from "./api-stand-in.ts";
import { type Collection, collectionOf } from "./collection.ts";
import type { RayDashboard } from "./dashboard.ts";
import { every } from "./every.ts";
import { HeadJobs } from "./head-jobs.ts";
import { reachableAddress } from "./reachable.ts";
import type { Fields, KubeObject } from "./resources.ts";

/** Settings of the nodes. */
export interface KubeletOptions {
  /** The registered nodes: labels and allocatable resources. Default: one node with 8 cores. */
  readonly nodes?: readonly {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
  }[];
  /** Why no node accepts a pod, such as `0/3 nodes are available: 3 Insufficient nvidia.com/gpu.` */
  readonly unschedulable?: string;
  /** Whether a pod ends at its deadline. Default: yes. */
  readonly keepsDeadlines?: boolean;
  /** Whether deleted pods stay, as on a node that no longer responds. Default: no. */
  readonly leavesDeleted?: boolean;
  /** Milliseconds between passes; default: 200. */
  readonly everyMs?: number;
}

/** Registers the nodes and starts to run pods; jobs on the dashboard end with their heads. */
export async function startKubelet(
  { access: server, isReal }: RunningServer,
  namespace: string,
  dashboard: RayDashboard | null,
  options: KubeletOptions,
): Promise<{ end(): Promise<void> }> {
  const { nodes = [{ name: "node-1", allocatable: { cpu: "8", memory: "32Gi", pods: "110" } }] } = options;
  const registered = collectionOf(server, "", "nodes");
  for (const { name, labels = {}, allocatable } of nodes)
    await registered.create({
      metadata: { name, labels },
      status: { allocatable, capacity: allocatable, conditions: [{ type: "Ready", status: "True" }] },
    });
  const [pods, jobs] = [collectionOf(server, namespace, "pods"), collectionOf(server, namespace, "rayjobs")];
  const place = { ...options, node: nodes[0]?.name ?? "", ip: reachableAddress(isReal) };
  const heads = new HeadJobs(dashboard);
  return every(options.everyMs ?? 200, "kubelet", async () => {
    const all = await pods.list();
    if (dashboard !== null) await heads.look(all, await jobs.list());
    for (const pod of all) await look(pods, pod, { ...place, isWaiting: heads.isEnding(pod) });
  });
}

/** The node that runs all pods. */
interface Place extends KubeletOptions {
  readonly node: string;
  readonly ip: string;
  /** Whether a pod may not start yet. */
  readonly isWaiting: boolean;
}

async function look(pods: Collection, pod: KubeObject, place: Place): Promise<void> {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp !== undefined) {
    if (place.leavesDeleted !== true && pod.spec.nodeName)
      await pods.delete(metadata.name, { gracePeriodSeconds: 0 });
    return;
  }
  if (status.phase === "Pending" && !pod.spec.nodeName) {
    if (place.unschedulable !== undefined) await waitsFor(pods, pod, place.unschedulable);
    else if (!place.isWaiting) await pods.bind(metadata.name, place.node);
    return;
  }
  if (status.phase === "Pending") await pods.update({ ...pod, status: runningStatus(place.ip) }, "status");
  const { activeDeadlineSeconds } = pod.spec;
  const started = Date.parse(status.startTime ?? "");
  if (place.keepsDeadlines === false || activeDeadlineSeconds === undefined) return;
  if (status.phase !== "Running" || Date.now() < started + activeDeadlineSeconds * 1000) return;
  const message = "Pod was active on the node longer than the specified deadline";
  await pods.update(
    { ...pod, status: { ...status, phase: "Failed", reason: "DeadlineExceeded", message } },
    "status",
  );
}

async function waitsFor(pods: Collection, pod: KubeObject, message: string): Promise<void> {
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  if (pod.status.conditions?.[0]?.message === message) return;
  await pods.update({ ...pod, status: { ...pod.status, conditions: [condition] } }, "status");
}

function runningStatus(podIP: string): Fields {
  const startTime = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
    type,
    status: "True",
  }));
  return { phase: "Running", startTime, conditions, podIP, podIPs: [{ ip: podIP }] };
}
