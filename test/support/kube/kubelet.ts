/**
 * @file The nodes of a cluster, and what runs pods on them: a scheduler and a kubelet in one. Pods run nothing: the Ray
 * cluster of `test/support/ray-cluster.ts` stands for all of them.
 */
import { type Collection, collectionOf } from "./collection.ts";
import { every } from "./every.ts";
import type { Fields, KubeObject } from "./resources.ts";
import type { ApiServer } from "./rest.ts";

/** How the nodes are. */
export interface KubeletOptions {
  /** Nodes as they register themselves: labels and what pods may have. Default: one of 8 cores. */
  readonly nodes?: readonly {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
  }[];
  /** Why no pod finds a node, such as `0/3 nodes are available: 3 Insufficient nvidia.com/gpu.` */
  readonly unschedulable?: string;
  /** Whether the deadline of a pod ends it. Default: yes. */
  readonly keepsDeadlines?: boolean;
  /** Whether pods that were deleted stay, as on a node that does not answer any more. Default: no. */
  readonly leavesDeleted?: boolean;
  /** Default 200. */
  readonly everyMs?: number;
}

/** Registers the nodes and starts to run pods. */
export async function startKubelet(
  server: ApiServer,
  namespace: string,
  options: KubeletOptions,
): Promise<{ end(): Promise<void> }> {
  const { nodes = [{ name: "node-1", allocatable: { cpu: "8", memory: "32Gi", pods: "110" } }] } = options;
  const registered = collectionOf(server, "", "nodes");
  for (const { name, labels = {}, allocatable } of nodes)
    await registered.create({
      metadata: { name, labels },
      status: { allocatable, capacity: allocatable, conditions: [{ type: "Ready", status: "True" }] },
    });
  const pods = collectionOf(server, namespace, "pods");
  return every(options.everyMs ?? 200, "kubelet", async () => {
    for (const pod of await pods.list()) await look(pods, pod, options, nodes[0]?.name ?? "");
  });
}

async function look(pods: Collection, pod: KubeObject, options: KubeletOptions, node: string): Promise<void> {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp !== undefined) {
    if (options.leavesDeleted !== true && pod.spec.nodeName)
      await pods.delete(metadata.name, { gracePeriodSeconds: 0 });
    return;
  }
  if (status.phase === "Pending" && !pod.spec.nodeName) {
    if (options.unschedulable !== undefined) await waitsFor(pods, pod, options.unschedulable);
    else await pods.bind(metadata.name, node);
    return;
  }
  if (status.phase === "Pending") await pods.update({ ...pod, status: runningStatus() }, "status");
  const { activeDeadlineSeconds } = pod.spec;
  const started = Date.parse(status.startTime ?? "");
  if (options.keepsDeadlines === false || activeDeadlineSeconds === undefined) return;
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

function runningStatus(): Fields {
  const startTime = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
    type,
    status: "True",
  }));
  return { phase: "Running", startTime, conditions };
}
