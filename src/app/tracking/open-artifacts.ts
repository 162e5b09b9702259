/** @file Opens the artifact store that a person names: a folder or a bucket. */

import type { Runtime } from "../../runtime/index.ts";
import {
  type ArtifactStore,
  bucketPlaceFrom,
  folderArtifacts,
  isBucketAddress,
  openBucketArtifacts,
} from "../../track/index.ts";

/** Dependencies of an artifact store. A bucket takes its keys from the environment. */
export type ArtifactHost = Pick<Runtime, "now" | "random"> & Partial<Pick<Runtime, "environment">>;

/**
 * Opens an artifact store. A bucket is checked first; a folder is created with its first file.
 *
 * @param place a folder, or `s3://BUCKET/PREFIX`
 * @param newId names files that are being written
 * @throws {TunewiseError} `BUCKET_ADDRESS_INVALID`, `BUCKET_KEYS_MISSING` and the errors of `openBucketArtifacts`
 */
export async function openArtifacts(
  place: string,
  newId: () => string,
  { now, random, environment = {} }: ArtifactHost,
): Promise<ArtifactStore> {
  if (!isBucketAddress(place)) return folderArtifacts(place, newId);
  return openBucketArtifacts(bucketPlaceFrom(place, environment), {
    fetch,
    now: () => now().getTime(),
    random,
  });
}
