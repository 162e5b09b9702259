/** @file Locations of a store and its artifacts, from flags. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isAddress } from "@tunewise/tracker";
import { defaultOutput } from "../../app/runs/index.ts";
import type { TrackingPaths } from "../../app/tracking/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";

/** Places of a store. */
export interface StorePlace extends TrackingPaths {
  /** Whether it is known to be there; a database at an address may be. */
  readonly isThere: boolean;
}

/** The places that flags name, as `tunewise serve` reads them. Makes nothing. */
export function storePlace(call: Call, console: Console): StorePlace {
  const { store, artifacts } = trackingPlaces(call, console, "artifact-folder");
  return { store, artifacts, isThere: isAddress(store) || existsSync(store) };
}

/** Makes the folder of a store that is a file. */
export async function makeStoreFolder({ store }: StorePlace): Promise<void> {
  if (!isAddress(store)) await mkdir(join(store, ".."), { recursive: true });
}

/** The places of a tracking server. */
export interface TrackingPlaces {
  /** A SQLite file or `postgres://...`. */
  readonly store: string;
  /** A folder or `s3://...`. */
  readonly artifacts: string;
  /** The default folder of both. */
  readonly folder: string;
}

/**
 * Reads the flags; nothing is made or opened.
 *
 * @param flag that names the place of files
 */
export function trackingPlaces(call: Call, { io }: Console, flag = "artifacts"): TrackingPlaces {
  const word = textFlag(call, "store") ?? defaultOutput;
  const isPostgres = isAddress(word);
  const folder = resolve(io.cwd, isPostgres ? defaultOutput : word);
  const artifacts = textFlag(call, flag);
  const isBucket = artifacts !== null && /^s3:\/\//i.test(artifacts);
  return {
    store: isPostgres ? word : join(folder, "tunewise.db"),
    artifacts: isBucket ? artifacts : resolve(io.cwd, artifacts ?? join(folder, "artifacts")),
    folder,
  };
}
