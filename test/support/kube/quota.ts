/** @file Quotas of a namespace that limit the number of objects: `pods` and `count/rayjobs.ray.io`. */
import type { ObjectStore, Place } from "./object-store.ts";
import { type KubeObject, type Resource, resources } from "./resources.ts";
import { forbidden, qualified } from "./status.ts";

const quotas = resources.find(({ plural }) => plural === "resourcequotas") as Resource;

/** @throws {ApiError} one more object exceeds a quota */
export function refuseByQuota(store: ObjectStore, place: Place, object: KubeObject): void {
  const { resource, namespace } = place;
  if (namespace === "" || resource === quotas) return;
  const used = store.list(place).length;
  for (const quota of store.list({ resource: quotas, namespace })) {
    for (const name of [`count/${qualified(resource)}`, resource.plural]) {
      const hard = quota.spec?.hard?.[name];
      if (hard === undefined || used + 1 <= Number(hard)) continue;
      const numbers = `requested: ${name}=1, used: ${name}=${used}, limited: ${name}=${hard}`;
      throw forbidden(resource, object.metadata.name, `exceeded quota: ${quota.metadata.name}, ${numbers}`);
    }
  }
}
