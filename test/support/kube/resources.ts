/** @file The kinds of objects of the simulated API server, and the fields common to all objects. */

/** A kind of objects. */
export interface Resource {
  readonly group: "" | "ray.io";
  readonly plural: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  /** Whether `status` has requests of its own and is dropped from all others. */
  readonly hasStatus: boolean;
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/**
 * Metadata of an object.
 *
 * @source Kubernetes API, meta/v1 ObjectMeta
 */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** Fields of an object of any kind. */
// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, read by what tests know of them
export type Fields = any;

/** An object of an API server. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Fields;
  readonly status?: Fields;
  readonly [field: string]: Fields;
}

const core = (plural: string, kind: string, hasStatus: boolean): Resource => {
  return { group: "", plural, kind, isNamespaced: true, hasStatus };
};

/** Namespaced kinds (names are unique within a namespace) and cluster-scoped kinds. */
export const resources: readonly Resource[] = [
  { group: "ray.io", plural: "rayjobs", kind: "RayJob", isNamespaced: true, hasStatus: true },
  { group: "ray.io", plural: "rayclusters", kind: "RayCluster", isNamespaced: true, hasStatus: true },
  core("pods", "Pod", true),
  core("services", "Service", true),
  core("endpoints", "Endpoints", false),
  core("secrets", "Secret", false),
  core("resourcequotas", "ResourceQuota", true),
  { ...core("namespaces", "Namespace", true), isNamespaced: false },
  { ...core("nodes", "Node", true), isNamespaced: false },
];

/** The API version, such as `ray.io/v1`. */
export function apiVersionOf({ group }: Resource): string {
  return group === "" ? "v1" : `${group}/v1`;
}
