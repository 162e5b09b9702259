/** @file Locations of a store and its artifacts, from flags. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { TrackingPaths } from "@tunewise/tracker";
import { defaultOutput, isAddress } from "@tunewise/tracker";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";

/** Locations of a store. */
export interface StorePlace extends TrackingPaths {
  /** Whether the store may exist: a file that exists, or any database at an address. */
  readonly isThere: boolean;
}

/** The locations that flags select, as in `tunewise serve`. Creates nothing. */
export function storePlace(call: Call, console: Console): StorePlace {
  const { store, artifacts } = trackingPlaces(call, console, "artifact-folder");
  return { store, artifacts, isThere: isAddress(store) || existsSync(store) };
}

/** Creates the folder of a store that is a file. */
export async function makeStoreFolder({ store }: StorePlace): Promise<void> {
  if (!isAddress(store)) await mkdir(join(store, ".."), { recursive: true });
}

/** Locations of a tracking server. */
export interface TrackingPlaces {
  /** A SQLite file or `postgres://...`. */
  readonly store: string;
  /** A folder or `s3://...`. */
  readonly artifacts: string;
  /** The default folder of both. */
  readonly folder: string;
}

/**
 * Reads the locations from flags, without creating or opening anything.
 *
 * @param flag that selects the location of files
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
