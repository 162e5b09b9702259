/**
 * @file Where the store and the files of a command's `--store` lie.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type DeskPlaces, defaultOutput } from "../../flow/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Face } from "../face.ts";

/** Places of a store. */
export interface StorePlace extends DeskPlaces {
  /** Whether it is known to be there; a database at an address may be. */
  readonly isThere: boolean;
}

/** The places that flags name, as `tunewise serve` reads them. Makes nothing. */
export function storePlace(call: Call, { world }: Face): StorePlace {
  const word = textFlag(call, "store") ?? defaultOutput;
  const isPostgres = /^postgres(ql)?:\/\//.test(word);
  const folder = resolve(world.cwd, isPostgres ? defaultOutput : word);
  const artifacts = textFlag(call, "artifact-folder");
  const store = isPostgres ? word : join(folder, "tunewise.db");
  return {
    store,
    artifacts: artifacts === null ? join(folder, "artifacts") : resolve(world.cwd, artifacts),
    isThere: isPostgres || existsSync(store),
  };
}

/** Makes the folder of a store that is a file. */
export async function makeStoreFolder({ store }: StorePlace): Promise<void> {
  if (!/^postgres(ql)?:\/\//.test(store)) await mkdir(join(store, ".."), { recursive: true });
}
