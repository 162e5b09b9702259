/**
 * @file Machines on a Kubernetes cluster with KubeRay: each is a RayJob with the pods of its Ray cluster. The job's
 * status shows whether the lease is running; its pods show what is paid for.
 */

import { bytesText, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { z } from "zod";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { Guarantee, MachineNeeds, MachineRequest, Offer, Provider, RentedMachine } from "../provider.ts";
import { parseKubernetesAddress, rayClusterAddress } from "./address.ts";
import { KubernetesClient } from "./client.ts";
import { instanceLabel, managed, priceAnnotation, rayJobOf } from "./manifest.ts";
import { blindOffers, type KubernetesNode, type PodOffer, podOffers } from "./nodes.ts";
import { type KubectlEnvironment, serverOf } from "./proxy.ts";

/**
 * Time limits, in seconds. A cluster that is not ready 20 minutes after the request is given up, including the time for
 * nodes and images. KubeRay checks every 3 seconds, and containers have 30 to end.
 *
 * @source KubeRay 1.5, rayjob_controller.go
 */
const [startingSeconds, endingSeconds] = [1200, 120];
const maxListed = 500;
const loopback = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/;

/** Dependencies of a provider on Kubernetes. */
export interface KubernetesAccess {
  readonly environment: KubectlEnvironment;
  /** Hourly price of all pods together, given by the user because a cluster does not state one; `null`: unknown. */
  readonly usdPerHour: Usd | null;
}

const metadataSchema = z.object({
  name: z.string(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const jobSchema = z.object({
  metadata: metadataSchema,
  status: z
    .object({
      jobDeploymentStatus: z.string().optional(),
      rayClusterName: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
    })
    .optional(),
});
const podSchema = z.object({
  metadata: metadataSchema,
  status: z
    .object({
      phase: z.string().optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .optional(),
    })
    .optional(),
});
const clusterSchema = z.object({ metadata: metadataSchema });
const nodeSchema: z.ZodType<KubernetesNode> = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
  spec: z.object({ unschedulable: z.boolean().optional() }).optional(),
  status: z.object({ allocatable: z.record(z.string(), z.string()).optional() }),
});

type Job = z.infer<typeof jobSchema>;
type Pod = z.infer<typeof podSchema>;
type Cluster = z.infer<typeof clusterSchema>;

/** Objects found in the cluster. */
interface Found {
  readonly jobs: readonly Job[];
  readonly clusters: readonly Cluster[];
  readonly pods: readonly Pod[];
}

/** Statuses of a job whose cluster is ending or gone. */
const over: ReadonlySet<string> = new Set(["Complete", "Failed", "ValidationFailed", "Suspended"]);
const podsOver: ReadonlySet<string> = new Set(["Succeeded", "Failed"]);

/**
 * Opens the provider of a namespace.
 *
 * @param address such as `kubernetes://CONTEXT/NAMESPACE`
 * @throws {TunewiseError} `PROVIDER_ADDRESS_INVALID`, `PROVIDER_UNREACHABLE`
 */
export async function kubernetesProvider(
  address: string,
  { environment, usdPerHour }: KubernetesAccess,
): Promise<Provider> {
  const parsed = parseKubernetesAddress(address);
  const server = await serverOf(parsed, environment);
  return new KubernetesProvider(new KubernetesClient(parsed, environment), usdPerHour, loopback.test(server));
}

class KubernetesProvider implements Provider {
  readonly address: string;
  readonly guarantee: Guarantee;
  readonly #client: KubernetesClient;
  readonly #usdPerHour: Usd | null;

  constructor(client: KubernetesClient, usdPerHour: Usd | null, isKeptHere: boolean) {
    this.address = client.address.text;
    this.guarantee = guaranteeOf(client.address.text, isKeptHere);
    this.#client = client;
    this.#usdPerHour = usdPerHour;
  }

  async offers(needs: MachineNeeds): Promise<readonly Offer[]> {
    const { image, volume, machines } = needs;
    if (image === null) throw problem("RENTAL_IMAGE_MISSING", { address: this.address });
    if (machines > 1 && volume === null)
      throw problem("RENTAL_VOLUME_MISSING", { address: this.address, machines });
    // the price was given by the user
    if (needs.maxUsdPerHour !== null && (this.#usdPerHour ?? 0) > needs.maxUsdPerHour) return [];
    const nodes = await this.#nodes();
    const found = nodes === null ? blindOffers(needs) : podOffers(needs, nodes);
    return found.map((pod) => this.#offerOf(pod, needs));
  }

  async create(request: MachineRequest): Promise<void> {
    const path = `${this.#path("rayjobs")}?fieldValidation=Strict`;
    const asked = { method: "POST", path, body: rayJobOf(request), what: `create ${request.name}` } as const;
    try {
      await this.#client.demand(asked, jobSchema);
    } catch (error) {
      // if an object of that name exists, an earlier request created it and its answer was lost
      if ((await this.find(request.name).catch(() => null)) === null) throw error;
    }
  }

  async find(name: string): Promise<RentedMachine | null> {
    return this.#machineOf(name, await this.#found(`${instanceLabel}=${name}`));
  }

  async list(): Promise<readonly RentedMachine[]> {
    const { jobs, clusters, pods } = await this.#found(managed);
    const nameOf = ({ metadata }: Cluster): string => metadata.labels?.[instanceLabel] ?? "";
    const names = new Set([...jobs, ...clusters, ...pods].map(nameOf).filter((name) => name !== ""));
    return [...names].flatMap((name) => {
      const isIts = (one: Cluster): boolean => nameOf(one) === name;
      const its = { jobs: jobs.filter(isIts), clusters: clusters.filter(isIts), pods: pods.filter(isIts) };
      return this.#machineOf(name, its) ?? [];
    });
  }

  async delete(name: string): Promise<void> {
    const { jobs, clusters, pods } = await this.#found(`${instanceLabel}=${name}`);
    for (const job of jobs) await this.#delete(this.#path("rayjobs"), job);
    // objects that were left behind after their owner was deleted
    if (jobs.length > 0) return;
    for (const cluster of clusters) await this.#delete(this.#path("rayclusters"), cluster);
    if (clusters.length > 0) return;
    for (const pod of pods) await this.#delete(this.#corePath("pods"), pod);
  }

  #offerOf(pod: PodOffer, { machines, diskBytes }: MachineNeeds): Offer {
    const { context, namespace } = this.#client.address;
    const cards = pod.gpu === null ? "" : `${pod.gpu.count} ${pod.gpu.name}, `;
    const each = `${cards}${pod.cores} cores, ${bytesText(pod.memoryBytes)}`;
    return {
      ...pod,
      id: `${machines} x (${each}) in ${namespace}`,
      backend: "kubernetes",
      region: context,
      diskBytes,
      isSpot: false,
      isAvailable: true,
      usdPerHour: this.#usdPerHour,
      isDiskIncluded: true,
    };
  }

  /** State of a machine; `null` if its job is over or never existed, and no cluster or pod is left. */
  #machineOf(name: string, { jobs: [job], clusters, pods }: Found): RentedMachine | null {
    const living = pods.filter(({ status }) => !podsOver.has(status?.phase ?? ""));
    const status = job?.status?.jobDeploymentStatus ?? "";
    const isOver = job === undefined || over.has(status);
    if (isOver && clusters.length === 0 && living.length === 0) return null;
    const isEnding = isOver || job.metadata.deletionTimestamp !== undefined;
    const cluster = job?.status?.rayClusterName;
    const isRunning = !isEnding && status === "Running" && cluster !== undefined;
    const [first = job] = [job, ...clusters, ...living].filter((one) => one !== undefined);
    const price = Number(job?.metadata.annotations?.[priceAnnotation]);
    const words = [status, job?.status?.reason, job?.status?.message, ...living.flatMap(waitsFor)];
    return {
      name,
      state: isEnding ? "ending" : isRunning ? "running" : "starting",
      way: isRunning ? { kind: "ray", address: rayClusterAddress(this.#client.address, cluster) } : null,
      usdPerHour: price > 0 ? usd(price) : null,
      createdMs: first === undefined ? null : Date.parse(first.metadata.creationTimestamp),
      detail: [...new Set(words.filter((word) => word))].join(", ") || "its pods are left",
    };
  }

  async #found(selector: string): Promise<Found> {
    const query = `?labelSelector=${encodeURIComponent(selector)}`;
    // list jobs first: objects that they create meanwhile are then in the later lists
    const jobs = await this.#list(`${this.#path("rayjobs")}${query}`, jobSchema, "list jobs");
    const clusters = await this.#list(`${this.#path("rayclusters")}${query}`, clusterSchema, "list clusters");
    const pods = await this.#list(`${this.#corePath("pods")}${query}`, podSchema, "list pods");
    return { jobs, clusters, pods };
  }

  /** Lists the nodes; `null` if the user may not list them, since nodes belong to no namespace. */
  async #nodes(): Promise<readonly KubernetesNode[] | null> {
    try {
      return await this.#list("/api/v1/nodes", nodeSchema, "list nodes");
    } catch (error) {
      if (TunewiseError.is(error) && error.code === "PROVIDER_DENIED") return null;
      throw error;
    }
  }

  async #list<Item>(path: string, item: z.ZodType<Item>, what: string): Promise<readonly Item[]> {
    const schema = z.object({
      items: z.array(item),
      metadata: z.object({ continue: z.string().optional() }).optional(),
    });
    const items: Item[] = [];
    let next = "";
    do {
      const rest = next === "" ? "" : `&continue=${encodeURIComponent(next)}`;
      const page = `${path}${path.includes("?") ? "&" : "?"}limit=${maxListed}${rest}`;
      const answer = await this.#client.demand({ method: "GET", path: page, what }, schema);
      items.push(...answer.items);
      next = answer.metadata?.continue ?? "";
    } while (next !== "");
    return items;
  }

  async #delete(path: string, { metadata: { name } }: Cluster): Promise<void> {
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };
    await this.#client.ask(
      { method: "DELETE", path: `${path}/${name}`, body, what: `end ${name}` },
      z.unknown(),
    );
  }

  #path(resource: string): string {
    return `/apis/ray.io/v1/namespaces/${this.#client.address.namespace}/${resource}`;
  }

  #corePath(resource: string): string {
    return `/api/v1/namespaces/${this.#client.address.namespace}/${resource}`;
  }
}

/** Why a pod is not running yet. */
function waitsFor({ status }: Pod): string[] {
  if (status?.phase !== "Pending") return [];
  const told = status.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  return told?.message === undefined ? [] : [told.message];
}

function guaranteeOf(address: string, isKeptHere: boolean): Guarantee {
  return {
    keeper: `KubeRay at ${address}`,
    endsWithProgram: true,
    endsInTime: true,
    isKeptHere,
    startingSeconds: seconds(startingSeconds),
    endingSeconds: seconds(endingSeconds),
    givesUpSeconds: null,
  };
}
