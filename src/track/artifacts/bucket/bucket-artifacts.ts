/**
 * @file Artifacts in an S3-compatible bucket.
 */
import { problem, TunewiseError } from "../../../problem/index.ts";
import type { ArtifactStore } from "../artifact-store.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { checkBucket } from "./check-bucket.ts";
import { download } from "./download.ts";
import { createGate } from "./gate.ts";
import { listBelow, removeBelow, sizeOf } from "./listing.ts";
import { BucketFailure, type BucketWorld, openTalk } from "./talk.ts";
import { upload } from "./upload.ts";

/** Parts of all uploads together that are on their way at the same time. */
const partsOnTheWay = 8;

/** Longest key of a bucket, in bytes. @source docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const keyBytesMost = 1024;

/**
 * A store in a bucket, which is asked once whether it can be worked with.
 *
 * @throws {TunewiseError} `BUCKET_MISSING`, `BUCKET_REFUSED`, `BUCKET_REGION_WRONG`, `BUCKET_UNREACHABLE`,
 *   `BUCKET_SIGNER_MISSING`; `ARTIFACT_STORE_FAILED` from its methods
 */
export async function openBucketArtifacts(place: BucketPlace, world: BucketWorld): Promise<ArtifactStore> {
  const talk = await openTalk(place, world);
  await checkBucket(talk);
  const gate = createGate(partsOnTheWay);
  const shown = `s3://${place.bucket}/${place.prefix}`.replace(/\/$/, "");
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      if (TunewiseError.is(cause)) throw cause;
      throw problem("ARTIFACT_STORE_FAILED", { place: shown, reason: reasonOf(cause) }, { cause });
    }
  };
  const fits = (key: string): boolean => Buffer.byteLength(place.prefix + key) <= keyBytesMost;
  return {
    place: shown,
    put: (key, content) =>
      guarded(async () => {
        if (!fits(key)) throw new Error(`a key of a bucket may have ${keyBytesMost} bytes at most`);
        return upload(talk, gate, key, content);
      }),
    open: (key, range) => guarded(async () => (fits(key) ? download(talk, key, range) : null)),
    size: (key) => guarded(async () => (fits(key) ? sizeOf(talk, key) : null)),
    list: (key) => guarded(async () => (fits(key) ? listBelow(talk, key) : [])),
    remove: (key) => guarded(async () => fits(key) && removeBelow(talk, key)),
  };
}

/** What may be shown of a failure. */
function reasonOf(cause: unknown): string {
  if (cause instanceof BucketFailure) return `the bucket gave ${cause.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}
