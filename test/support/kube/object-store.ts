/** @file Objects of the simulated API server with their versions, finalizers, deletion and quotas. */
import { randomBytes, randomUUID } from "node:crypto";
import { collectGarbage } from "./garbage.ts";
import { refuseByQuota } from "./quota.ts";
import { schemaOfResource } from "./ray-schemas.ts";
import { apiVersionOf, type Fields, type KubeObject, type Resource, resources } from "./resources.ts";
import { faultsOf, readObject } from "./schema.ts";
import { alreadyExists, badRequest, conflict, type FieldCause, invalid, notFound } from "./status.ts";

/** The kind and namespace of an object. */
export interface Place {
  readonly resource: Resource;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
}

/**
 * Options of a deletion.
 *
 * @source Kubernetes API, meta/v1 DeleteOptions
 */
export interface DeleteOptions {
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string };
}

/** Finalizer of an object that waits for the deletion of its dependents. */
export const foreground = "foregroundDeletion";
/** Delay in milliseconds between a change and the garbage collection. */
const garbageMs = 50;
const nameForm = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** All objects of a server. */
export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();
  #version = 1;
  #garbage: NodeJS.Timeout | null = null;

  /** Version of the latest change. */
  get version(): string {
    return String(this.#version);
  }

  /** Stops the garbage collection. */
  close(): void {
    if (this.#garbage !== null) clearTimeout(this.#garbage);
  }

  get({ resource, namespace }: Place, name: string): KubeObject {
    const found = this.#objects.get(keyOf(resource, namespace, name));
    if (found === undefined) throw notFound(resource, name);
    return found;
  }

  /** Objects of a namespace (empty: of all namespaces), sorted by name. */
  list({ resource, namespace }: Place): readonly KubeObject[] {
    const start = namespace === "" ? `${resource.plural}/` : `${resource.plural}/${namespace}/`;
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(start)).toSorted();
    return keys.map((key) => this.#objects.get(key) as KubeObject);
  }

  all(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  /** @param isStrict whether unknown fields are refused instead of dropped */
  create(place: Place, given: Fields, isStrict: boolean): KubeObject {
    const { resource, namespace } = place;
    const meta = given?.metadata ?? {};
    const name: string = meta.name ?? (meta.generateName ? `${meta.generateName}${randomEnd()}` : "");
    if (namespace !== "") this.get({ resource: namespaces, namespace: "" }, namespace);
    const read = checked(place, name, given, isStrict);
    if (this.#objects.has(keyOf(resource, namespace, name))) throw alreadyExists(resource, name);
    const status = statusAtCreation(resource, read);
    const spec = resource.plural === "secrets" ? secretData(read) : {};
    const object: KubeObject = {
      ...read,
      ...spec,
      status: undefined,
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: {
        ...meta,
        name,
        ...(namespace !== "" && { namespace }),
        uid: randomUUID(),
        creationTimestamp: now(),
        resourceVersion: "",
        ...(resource.group !== "" && { generation: 1 }),
      },
      ...(status !== undefined && { status }),
    };
    refuseByQuota(this, place, object);
    return this.#keep(place, object);
  }

  /** @param part whether to write the object without its status, or only its status */
  update(
    place: Place,
    name: string,
    given: Fields,
    part: "object" | "status",
    isStrict: boolean,
  ): KubeObject {
    const { resource } = place;
    const old = this.get(place, name);
    const version: string | undefined = given?.metadata?.resourceVersion;
    if (!version && resource.group !== "") {
      const message = "Invalid value: 0x0: must be specified for an update";
      throw invalid(resource, name, [
        { reason: "FieldValueInvalid", field: "metadata.resourceVersion", message },
      ]);
    }
    if (given?.metadata?.uid && given.metadata.uid !== old.metadata.uid)
      throw conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${given.metadata.uid}, UID in object meta: ${old.metadata.uid}`,
      );
    if (version && version !== old.metadata.resourceVersion) throw conflict(resource, name, modified);
    const read = checked(place, name, given, isStrict);
    if (part === "status") return this.#keep(place, { ...old, status: read.status });
    const { labels, annotations, ownerReferences, finalizers } = read.metadata ?? {};
    refuseNewFinalizers(place, old, finalizers ?? []);
    const isChanged = JSON.stringify(read.spec) !== JSON.stringify(old.spec);
    const { status: _, ...rest } = resource.hasStatus ? read : { ...read, status: undefined };
    const changed: KubeObject = {
      ...rest,
      apiVersion: old.apiVersion,
      kind: old.kind,
      metadata: {
        ...old.metadata,
        labels,
        annotations,
        ownerReferences,
        finalizers,
        ...(old.metadata.generation && { generation: old.metadata.generation + (isChanged ? 1 : 0) }),
      },
      ...(old.status !== undefined && { status: old.status }),
    };
    return this.#keep(place, changed);
  }

  /** Assigns a pod to a node, as a scheduler does. */
  bind(place: Place, name: string, node: string): void {
    const pod = this.get(place, name);
    if (pod.spec.nodeName)
      throw conflict(
        place.resource,
        name,
        `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`,
      );
    this.#keep(place, { ...pod, spec: { ...pod.spec, nodeName: node } });
  }

  /** @returns the object after the request, or its last state if it is gone */
  delete(place: Place, name: string, options: DeleteOptions): { object: KubeObject; isGone: boolean } {
    const { resource } = place;
    const old = this.get(place, name);
    refuseOther(resource, old, options.preconditions?.uid);
    const isForeground = options.propagationPolicy === "Foreground";
    const had = (old.metadata.finalizers ?? []).filter((one) => one !== foreground);
    const finalizers = isForeground ? [...had, foreground] : had;
    const grace = graceOf(old, options);
    if (finalizers.length === 0 && grace === 0) {
      this.#remove(place, name);
      return { object: old, isGone: true };
    }
    const { deletionTimestamp = now(grace), deletionGracePeriodSeconds: given = grace } = old.metadata;
    const object = this.#keep(place, {
      ...old,
      metadata: {
        ...old.metadata,
        ...(finalizers.length > 0 ? { finalizers } : {}),
        deletionTimestamp,
        deletionGracePeriodSeconds: Math.min(given, grace),
      },
    });
    return { object, isGone: false };
  }

  #keep(place: Place, object: KubeObject): KubeObject {
    const { name, deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0 && deletionGracePeriodSeconds === 0) {
      this.#remove(place, name);
      return object;
    }
    const key = keyOf(place.resource, place.namespace, name);
    const old = this.#objects.get(key);
    if (old !== undefined && JSON.stringify(old) === JSON.stringify(object)) return old;
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    const kept = JSON.parse(JSON.stringify({ ...object, metadata })) as KubeObject;
    this.#objects.set(key, kept);
    this.#collectSoon();
    return kept;
  }

  #remove({ resource, namespace }: Place, name: string): void {
    this.#version++;
    this.#objects.delete(keyOf(resource, namespace, name));
    this.#collectSoon();
  }

  #collectSoon(): void {
    this.#garbage ??= setTimeout(() => {
      this.#garbage = null;
      collectGarbage(this);
    }, garbageMs);
  }
}

/** The kind and namespace of an object. */
export function placeOf({ kind, metadata }: KubeObject): Place {
  const resource = resources.find((one) => one.kind === kind) as Resource;
  return { resource, namespace: metadata.namespace ?? "" };
}

const namespaces = resources.find(({ plural }) => plural === "namespaces") as Resource;
const modified =
  "the object has been modified; please apply your changes to the latest version and try again";

function keyOf({ plural }: Resource, namespace: string, name: string): string {
  return `${plural}/${namespace}/${name}`;
}

/** Validates an object; returns it with defaults and without unknown fields. */
function checked({ resource, namespace }: Place, name: string, given: Fields, isStrict: boolean): Fields {
  const { kind, group } = resource;
  if (given?.kind !== kind || given?.apiVersion !== apiVersionOf(resource))
    throw badRequest(
      `the API version in the data (${given?.apiVersion}, Kind=${given?.kind}) does not match`,
    );
  const named: string = given.metadata?.namespace ?? namespace;
  if (named !== namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  const schema = schemaOfResource(resource);
  const { value, unknown } = schema === null ? { value: given, unknown: [] } : readObject(schema, given);
  if (isStrict && unknown.length > 0) {
    const told = unknown.map((field) => `unknown field "${field}"`).join(", ");
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a ${kind}: strict decoding error: ${told}`,
    );
  }
  const causes: FieldCause[] = [
    ...nameFaults(name),
    ...(schema === null ? [] : faultsOf(schema, value as Fields)),
  ];
  if (causes.length > 0) throw invalid(resource, name, causes);
  return group === "" ? structuredClone(value) : value;
}

function nameFaults(name: string): FieldCause[] {
  const field = "metadata.name";
  if (name === "")
    return [
      { reason: "FieldValueRequired", field, message: "Required value: name or generateName is required" },
    ];
  if (nameForm.test(name) && name.length <= 253) return [];
  const message = `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters`;
  return [{ reason: "FieldValueInvalid", field, message }];
}

/** Kinds whose status others write start without one; pods start as pending, and nodes report their own. */
function statusAtCreation({ plural, hasStatus }: Resource, read: Fields): Fields {
  if (plural === "pods") return { phase: "Pending" };
  if (plural === "namespaces") return { phase: "Active" };
  return hasStatus && plural !== "nodes" ? undefined : read.status;
}

/** Encodes `stringData` as base64. */
function secretData({ data = {}, stringData = {} }: Fields): Fields {
  const encoded = Object.entries(stringData as Readonly<Record<string, string>>).map(([key, text]) => {
    return [key, Buffer.from(text).toString("base64")];
  });
  return { data: { ...data, ...Object.fromEntries(encoded) }, stringData: undefined };
}

/** Grace period of a pod that runs on a node, in seconds; 0: delete at once. */
function graceOf({ kind, spec, status }: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (kind !== "Pod" || !spec?.nodeName || ["Succeeded", "Failed"].includes(status?.phase)) return 0;
  return gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
}

function refuseOther({ kind, group }: Resource, { metadata }: KubeObject, uid: string | undefined): void {
  if (uid === undefined || uid === metadata.uid) return;
  const told = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid})`;
  const more = "The object might have been deleted and then recreated";
  throw conflict({ plural: kind, group }, metadata.name, `${told}. ${more}`);
}

function refuseNewFinalizers({ resource }: Place, old: KubeObject, finalizers: readonly string[]): void {
  if (old.metadata.deletionTimestamp === undefined) return;
  const had = new Set(old.metadata.finalizers);
  const fresh = finalizers.filter((one) => !had.has(one));
  if (fresh.length === 0) return;
  const found = `[]string{${fresh.map((one) => JSON.stringify(one)).join(", ")}}`;
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${found}`;
  throw invalid(resource, old.metadata.name, [
    { reason: "FieldValueForbidden", field: "metadata.finalizers", message },
  ]);
}

function now(inSeconds = 0): string {
  return new Date(Date.now() + inSeconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

function randomEnd(): string {
  return randomBytes(8).toString("hex").slice(0, 5);
}
