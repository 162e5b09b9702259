/**
 * @file Where the store and clients' files lie, by the flags `--store` and `--artifacts`.
 */
import { join, resolve } from "node:path";
import { defaultOutput } from "../../app/runs/index.ts";
import { isAddress } from "../../track/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";

/** The places of a tracking server. */
export interface TrackingPlaces {
  /** A SQLite file or `postgres://...`. */
  readonly store: string;
  /** A folder or `s3://...`. */
  readonly artifacts: string;
  /** The folder that both lie in where no flag says otherwise. */
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
