/** @file Resources that the nodes of a cluster offer to a pod. Pure. */
import { bytes } from "@tunewise/core/quantity";
import type { MachineNeeds, Offer } from "../provider.ts";
import { gpuResource } from "./manifest.ts";

/** Share of a node that system pods leave to others. */
const usableShare = 0.9;
/** CPU cores of a pod without GPUs, and per GPU if the nodes' resources are unknown. */
const [defaultCores, coresPerCard] = [4, 8];
/** Labels that name a node's GPU. @source NVIDIA GPU feature discovery; GKE; Karpenter on AWS; Azure */
const cardLabels = [
  "nvidia.com/gpu.product",
  "cloud.google.com/gke-accelerator",
  "karpenter.k8s.aws/instance-gpu-name",
  "node.kubernetes.io/instance-type",
];

/** A node. @source Kubernetes API, core/v1 Node */
export interface KubernetesNode {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec?: { readonly unschedulable?: boolean | undefined } | undefined;
  readonly status: { readonly allocatable?: Readonly<Record<string, string>> | undefined };
}

/** The part of an offer that depends on the node. */
export type PodOffer = Pick<Offer, "instance" | "gpu" | "cores" | "memoryBytes">;

/** Resources for a pod, one offer for each kind of node that meets the needs. */
export function podOffers(needs: MachineNeeds, nodes: readonly KubernetesNode[]): readonly PodOffer[] {
  const found = nodes.flatMap((node) => podOn(node, needs) ?? []);
  const byKind = new Map(found.map((offer) => [offer.instance, offer]));
  return [...byKind.values()].toSorted((one, other) => one.memoryBytes - other.memoryBytes);
}

/** Resources for a pod if the user may not list nodes; a specific kind of GPU cannot be requested then. */
export function blindOffers({ gpu, gpuCount, memoryBytes }: MachineNeeds): readonly PodOffer[] {
  if (gpu !== null) return [];
  return [
    {
      instance: "any",
      gpu: gpuCount === 0 ? null : { name: "GPU", count: gpuCount, memoryBytes: bytes(0) },
      cores: Math.max(defaultCores, coresPerCard * gpuCount),
      memoryBytes: bytes(memoryBytes * Math.max(1, gpuCount)),
    },
  ];
}

function podOn({ metadata, spec, status }: KubernetesNode, needs: MachineNeeds): PodOffer | null {
  const { allocatable = {} } = status;
  if (spec?.unschedulable === true) return null;
  const cards = quantityOf(allocatable[gpuResource] ?? "0");
  const cores = usableShare * quantityOf(allocatable["cpu"] ?? "0");
  const memory = usableShare * quantityOf(allocatable["memory"] ?? "0");
  if (needs.gpuCount === 0) {
    if (cores < 1 || memory < needs.memoryBytes) return null;
    const taken = Math.min(defaultCores, Math.floor(cores));
    return { instance: "any", gpu: null, cores: taken, memoryBytes: needs.memoryBytes };
  }
  const kind = cardLabels
    .map((label) => ({ label, value: metadata.labels?.[label] ?? "" }))
    .find(({ value }) => value !== "" && (needs.gpu === null || isCard(value, needs.gpu)));
  const share = needs.gpuCount / cards;
  if (cards < needs.gpuCount || memory * share < needs.memoryBytes) return null;
  if (needs.gpu !== null && kind === undefined) return null;
  return {
    instance: kind === undefined ? "any" : `${kind.label}=${kind.value}`,
    gpu: { name: needs.gpu ?? kind?.value ?? "GPU", count: needs.gpuCount, memoryBytes: bytes(0) },
    cores: Math.max(1, Math.floor(cores * share)),
    memoryBytes: bytes(Math.floor(memory * share)),
  };
}

/** Whether a label names a card: `NVIDIA-H100-80GB-HBM3` and `nvidia-h100-80gb` are an `H100`, but `H1000` is not. */
function isCard(value: string, name: string): boolean {
  const words = (text: string): string[] => text.toLowerCase().split(/[^a-z0-9]+/);
  const has = new Set(words(value));
  return words(name).every((word) => has.has(word));
}

const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Parses a Kubernetes quantity, such as `3920m` or `16Gi`; 0 if it is invalid. */
export function quantityOf(text: string): number {
  const [, number = "0", unit = ""] = /^(\d+(?:\.\d+)?(?:e\d+)?)([a-zA-Z]{0,2})$/.exec(text) ?? [];
  return Number(number) * (units[unit] ?? 0);
}
