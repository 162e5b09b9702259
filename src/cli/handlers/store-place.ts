/**
 * @file Where the store of an import or an export lies, and whether it is there.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TrackingPaths } from "../../app/tracking/index.ts";
import { isAddress } from "../../track/index.ts";
import type { Call } from "../command.ts";
import type { Face } from "../face.ts";
import { trackingPlaces } from "./tracking-places.ts";

/** Places of a store. */
export interface StorePlace extends TrackingPaths {
  /** Whether it is known to be there; a database at an address may be. */
  readonly isThere: boolean;
}

/** The places that flags name, as `tunewise serve` reads them. Makes nothing. */
export function storePlace(call: Call, face: Face): StorePlace {
  const { store, artifacts } = trackingPlaces(call, face, "artifact-folder");
  return { store, artifacts, isThere: isAddress(store) || existsSync(store) };
}

/** Makes the folder of a store that is a file. */
export async function makeStoreFolder({ store }: StorePlace): Promise<void> {
  if (!isAddress(store)) await mkdir(join(store, ".."), { recursive: true });
}
