/**
 * @file Deletes objects whose owner is deleted.
 *
 * @source Kubernetes, pkg/controller/garbagecollector
 */
import { foreground, type ObjectStore, placeOf } from "./object-store.ts";
import type { KubeObject } from "./resources.ts";

/** One pass over all objects; a change triggers another pass. */
export function collectGarbage(store: ObjectStore): void {
  const byUid = new Map(store.all().map((object) => [object.metadata.uid, object]));
  for (const object of byUid.values()) {
    if (waits(object)) release(store, object);
    else if (object.metadata.deletionTimestamp === undefined && isOrphan(object, byUid)) {
      const owners = ownersOf(object).map(({ uid }) => byUid.get(uid));
      const isWaited = owners.some((owner) => owner !== undefined) && dependents(store, object).length > 0;
      const propagationPolicy = isWaited ? "Foreground" : "Background";
      store.delete(placeOf(object), object.metadata.name, { propagationPolicy });
    }
  }
}

/** Whether it has owners, all of which are gone or wait for its deletion. */
function isOrphan(object: KubeObject, byUid: ReadonlyMap<string, KubeObject>): boolean {
  const owners = ownersOf(object);
  const isGoing = (owner: KubeObject | undefined): boolean => owner === undefined || waits(owner);
  return owners.length > 0 && owners.every(({ uid }) => isGoing(byUid.get(uid)));
}

/** Removes the finalizer of an object whose blocking dependents are gone. */
function release(store: ObjectStore, object: KubeObject): void {
  if (dependents(store, object).some((one) => isBlocking(one, object))) return;
  const finalizers = object.metadata.finalizers?.filter((one) => one !== foreground);
  const changed = { ...object, metadata: { ...object.metadata, finalizers } };
  store.update(placeOf(object), object.metadata.name, changed, "object", false);
}

function waits({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(foreground) === true;
}

function dependents(store: ObjectStore, owner: KubeObject): readonly KubeObject[] {
  return store.all().filter((one) => ownersOf(one).some(({ uid }) => uid === owner.metadata.uid));
}

function isBlocking(one: KubeObject, owner: KubeObject): boolean {
  return ownersOf(one).some(
    ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
  );
}

function ownersOf({ metadata }: KubeObject): NonNullable<KubeObject["metadata"]["ownerReferences"]> {
  return metadata.ownerReferences ?? [];
}
