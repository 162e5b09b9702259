/** @file Addresses in a Kubernetes cluster: `kubernetes://CONTEXT/NAMESPACE`, where the context is one of kubectl's. */
import { problem } from "../../problem/index.ts";

/** A namespace of a cluster. */
export interface KubernetesAddress {
  /** Normalized address. */
  readonly text: string;
  /** Name of a context in the user's kubectl configuration. */
  readonly context: string;
  readonly namespace: string;
}

/** A Ray cluster of KubeRay. */
export interface RayClusterAddress extends KubernetesAddress {
  readonly cluster: string;
}

const form =
  /^(ray\+)?kubernetes:\/\/([A-Za-z0-9._~%:@+-]{1,400})\/([a-z0-9-]{1,63})(?:\/([a-z0-9-]{1,63}))?\/?$/;

/** Whether a text has the scheme of a namespace's address. */
export function isKubernetesAddress(text: string): boolean {
  return text.startsWith("kubernetes:");
}

/** Whether a text has the scheme of the address of a Ray cluster on Kubernetes. */
export function isRayKubernetesAddress(text: string): boolean {
  return text.startsWith("ray+kubernetes:");
}

/**
 * Parses an address. Slashes in the name of a context, as on EKS, are written as `%2F`.
 *
 * @throws {TunewiseError} `PROVIDER_ADDRESS_INVALID`
 */
export function parseKubernetesAddress(text: string): KubernetesAddress {
  const [found, ray, written = "", namespace = "", cluster] = form.exec(text) ?? [];
  if (found === undefined || ray !== undefined || cluster !== undefined)
    throw problem("PROVIDER_ADDRESS_INVALID", { address: text.slice(0, 200) });
  return { text: found.replace(/\/$/, ""), context: contextOf(written, text), namespace };
}

/**
 * Parses the address of a Ray cluster: `ray+kubernetes://CONTEXT/NAMESPACE/RAYCLUSTER`.
 *
 * @throws {TunewiseError} `PROVIDER_ADDRESS_INVALID`
 */
export function parseRayClusterAddress(text: string): RayClusterAddress {
  const [found, ray, written = "", namespace = "", cluster] = form.exec(text) ?? [];
  if (found === undefined || ray === undefined || cluster === undefined)
    throw problem("PROVIDER_ADDRESS_INVALID", { address: text.slice(0, 200) });
  return { text: found.replace(/\/$/, ""), context: contextOf(written, text), namespace, cluster };
}

/** The address of a Ray cluster in a namespace. */
export function rayClusterAddress(place: Omit<KubernetesAddress, "text">, cluster: string): string {
  return `ray+kubernetes://${encodeURIComponent(place.context)}/${place.namespace}/${cluster}`;
}

function contextOf(written: string, text: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    throw problem("PROVIDER_ADDRESS_INVALID", { address: text.slice(0, 200) });
  }
}
