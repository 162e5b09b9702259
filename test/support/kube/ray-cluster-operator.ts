/**
 * @file The objects that KubeRay creates for a RayCluster: its Secret, the service of its head, and its pods.
 *
 * @source ray-project/kuberay ray-operator/controllers/ray/raycluster_controller.go, August 2026
 */
import { randomBytes } from "node:crypto";
import type { Collection } from "./collection.ts";
import type { Fields, KubeObject } from "./resources.ts";

/** The objects that the operator writes. */
export interface Written {
  readonly rayjobs: Collection;
  readonly rayclusters: Collection;
  readonly pods: Collection;
  readonly services: Collection;
  readonly endpoints: Collection;
  readonly secrets: Collection;
}

/** Port of the dashboard at the head's address, and its token. */
export interface HeadAddress {
  readonly port: number;
  readonly token: string;
}

/** A group of pods with the same template. */
interface Group {
  readonly type: "head" | "worker";
  readonly name: string;
  readonly replicas: number;
  readonly template: Fields;
}

/** Reconciles a cluster once. */
export async function reconcileCluster(
  written: Written,
  cluster: KubeObject,
  head: HeadAddress | null,
): Promise<void> {
  if (cluster.metadata.deletionTimestamp !== undefined) return;
  const { name } = cluster.metadata;
  if (cluster.spec.authOptions?.mode === "token")
    await createOnce(written.secrets, cluster, name, { stringData: { auth_token: head?.token ?? "" } });
  const selector = { "ray.io/cluster": name, "ray.io/node-type": "head" };
  const ports = [{ name: "dashboard", port: 8265, targetPort: 8265, protocol: "TCP" }];
  await createOnce(written.services, cluster, `${name}-head-svc`, {
    spec: { clusterIP: "None", publishNotReadyAddresses: true, selector, ports },
  });
  const pods = await written.pods.list(`ray.io/cluster=${name}`);
  for (const group of groupsOf(cluster)) await reconcileGroup(written.pods, cluster, group, pods);
  const isReady = pods.length === podsOf(cluster) && pods.every(({ status }) => status.phase === "Running");
  const headPod = pods.find(({ metadata, status }) => isHead(metadata) && status.phase === "Running");
  if (head !== null) await reconcileEndpoints(written.endpoints, cluster, headPod, head.port);
  if (isReady && cluster.status?.state !== "ready")
    await written.rayclusters.update({ ...cluster, status: { ...cluster.status, state: "ready" } }, "status");
}

/** Updates the service's endpoints as Kubernetes' own controller does: the address of the running head pod, or none. */
async function reconcileEndpoints(
  endpoints: Collection,
  cluster: KubeObject,
  pod: KubeObject | undefined,
  port: number,
): Promise<void> {
  const name = `${cluster.metadata.name}-head-svc`;
  const subsets = pod === undefined ? [] : [subsetOf(pod, port)];
  const found = await endpoints.get(name);
  if (found === null) return createOnce(endpoints, cluster, name, { subsets });
  const target = found["subsets"]?.[0]?.addresses[0]?.targetRef.name;
  if (target !== pod?.metadata.name) await endpoints.update({ ...found, subsets });
}

function subsetOf({ metadata: { name, namespace, uid }, status }: KubeObject, port: number): Fields {
  const targetRef = { kind: "Pod", namespace, name, uid };
  return {
    addresses: [{ ip: status.podIP, targetRef }],
    ports: [{ name: "dashboard", port, protocol: "TCP" }],
  };
}

/** Replaces pods that have ended for any reason, including their own deadline. */
async function reconcileGroup(
  pods: Collection,
  cluster: KubeObject,
  group: Group,
  all: readonly KubeObject[],
): Promise<void> {
  const its = all.filter(({ metadata }) => metadata.labels?.["ray.io/group"] === group.name);
  for (const { metadata, status } of its)
    if (["Failed", "Succeeded"].includes(status.phase) && metadata.deletionTimestamp === undefined)
      await pods.delete(metadata.name);
  for (let missing = group.replicas - its.length; missing > 0; missing--)
    await createPod(pods, cluster, group);
}

async function createPod(
  pods: Collection,
  cluster: KubeObject,
  { type, name, template }: Group,
): Promise<void> {
  const { metadata = {}, spec } = template;
  const own = cluster.metadata.name;
  const prefix = `${type === "head" ? own : `${own}-${name}`}`.slice(0, 50);
  const labels = {
    "ray.io/is-ray-node": "yes",
    "ray.io/identifier": `${own}-${type}`,
    "app.kubernetes.io/name": "kuberay",
    "app.kubernetes.io/created-by": "kuberay-operator",
    ...metadata.labels,
    "ray.io/cluster": own,
    "ray.io/node-type": type,
    "ray.io/group": name,
  };
  await pods.create({
    metadata: {
      name: `${prefix}-${type}-${randomEnd()}`,
      labels,
      annotations: metadata.annotations,
      ownerReferences: [ownerOf(cluster)],
    },
    spec,
  });
}

function groupsOf({ spec }: KubeObject): readonly Group[] {
  const workers = (spec.workerGroupSpecs ?? []).map((group: Fields) => {
    return { type: "worker", name: group.groupName, replicas: group.replicas, template: group.template };
  });
  return [
    { type: "head", name: "headgroup", replicas: 1, template: spec.headGroupSpec.template },
    ...workers,
  ];
}

function podsOf(cluster: KubeObject): number {
  return groupsOf(cluster).reduce((sum, { replicas }) => sum + replicas, 0);
}

function isHead({ labels = {} }: KubeObject["metadata"]): boolean {
  return labels["ray.io/node-type"] === "head";
}

async function createOnce(into: Collection, owner: KubeObject, name: string, rest: Fields): Promise<void> {
  if ((await into.get(name)) !== null) return;
  const labels = { "ray.io/cluster": owner.metadata.name };
  await into.create({ metadata: { name, labels, ownerReferences: [ownerOf(owner)] }, ...rest });
}

/** Makes the object the owner, so that its dependents are deleted with it. */
export function ownerOf({ apiVersion, kind, metadata }: KubeObject): object {
  const { name, uid } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** A random suffix of five characters, as in generated names. */
export function randomEnd(): string {
  return randomBytes(3).toString("hex").slice(0, 5);
}
