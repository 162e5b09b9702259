/** @file Artifacts in an S3-compatible bucket, whose access is checked when it is opened. */

import { createGate } from "@tunewise/core/untrusted";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { ArtifactEntry, ArtifactStore } from "../artifact-store.ts";
import { storedKey } from "../stored-name.ts";
import { type BucketClient, BucketFailure, type BucketIo, openBucketClient } from "./bucket-client.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { download } from "./download.ts";
import { listBelow, removeBelow, sizeOf } from "./listing.ts";
import { upload } from "./upload.ts";
import { textOf } from "./xml.ts";

/** Maximum number of parts in flight, over all uploads. */
const partsOnTheWay = 8;

/** Maximum key length of a bucket, in bytes. @source docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const maxKeyBytes = 1024;

/**
 * Opens a bucket as an artifact store, after checking access to it.
 *
 * @throws {TunewiseError} `BUCKET_MISSING`, `BUCKET_REFUSED`, `BUCKET_REGION_WRONG`, `BUCKET_UNREACHABLE`,
 *   `BUCKET_SIGNER_MISSING`; `ARTIFACT_STORE_FAILED` and `ARTIFACT_PATH_TOO_LONG` from its methods
 */
export async function openBucketArtifacts(place: BucketPlace, world: BucketIo): Promise<ArtifactStore> {
  const client = await openBucketClient(place, world);
  await checkBucket(client);
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
  const fits = (key: string): boolean => Buffer.byteLength(place.prefix + key) <= maxKeyBytes;
  return {
    place: shown,
    put: (path, content) =>
      guarded(async () => {
        const key = storedKey(path);
        if (!fits(key)) throw tooLong(path);
        const bytes = await upload(client, gate, key, content);
        // Removes an older file under the unencoded name, because reads would never find it again.
        if (key !== path && fits(path) && (await sizeOf(client, path)) !== null)
          await removeBelow(client, path);
        return bytes;
      }),
    open: (path, range) => guarded(() => firstOf(path, (key) => download(client, key, range))),
    size: (path) => guarded(() => firstOf(path, (key) => sizeOf(client, key))),
    list: (path) => guarded(async () => merged(await allOf(path, (key) => listBelow(client, key)))),
    remove: (path) =>
      guarded(async () => (await allOf(path, (key) => removeBelow(client, key))).includes(true)),
  };

  /** Looks up a file by its encoded name, then by its plain name, which earlier versions and other programs use. */
  async function firstOf<Result>(
    path: string,
    ask: (key: string) => Promise<Result | null>,
  ): Promise<Result | null> {
    for (const key of keysFor(path)) {
      const found = await ask(key);
      if (found !== null) return found;
    }
    return null;
  }

  async function allOf<Result>(path: string, ask: (key: string) => Promise<Result>): Promise<Result[]> {
    const results: Result[] = [];
    for (const key of keysFor(path)) results.push(await ask(key));
    return results;
  }

  function keysFor(path: string): string[] {
    return [...new Set([storedKey(path), path])].filter(fits);
  }
}

function tooLong(path: string): TunewiseError {
  const reason = `a key of a bucket has ${maxKeyBytes} bytes at most`;
  return problem("ARTIFACT_PATH_TOO_LONG", {
    path: path.length > 120 ? `${path.slice(0, 120)}...` : path,
    reason,
  });
}

/** Merges the entries listed under the encoded and the plain name of a folder; the former take precedence. */
function merged(lists: readonly (readonly ArtifactEntry[])[]): ArtifactEntry[] {
  const byName = new Map<string, ArtifactEntry>();
  for (const entry of lists.flat()) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The part of an error that is safe to display. */
function reasonOf(cause: unknown): string {
  if (cause instanceof BucketFailure) return `the bucket gave ${cause.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Time limit for the access check. */
const checkSeconds = 10;

/**
 * Checks permissions by listing one key, then starting and aborting a multipart upload, which leaves nothing behind.
 *
 * @throws {TunewiseError} `BUCKET_MISSING`, `BUCKET_REFUSED`, `BUCKET_REGION_WRONG`, `BUCKET_UNREACHABLE`
 */
async function checkBucket(client: BucketClient): Promise<void> {
  const signal = AbortSignal.timeout(checkSeconds * 1000);
  const bounds = { signal, attempts: 2 } as const;
  const key = ".tunewise-check";
  const steps: readonly (readonly [right: string, ask: () => Promise<unknown>])[] = [
    [
      "s3:ListBucket",
      () => client.requestText({ method: "GET", query: { "list-type": "2", "max-keys": "1" }, ...bounds }),
    ],
    [
      "s3:PutObject and s3:AbortMultipartUpload",
      async () => {
        const begun = await client.requestText({ method: "POST", key, query: { uploads: "" }, ...bounds });
        const query = { uploadId: textOf(begun, "UploadId") ?? "" };
        await client.requestText({ method: "DELETE", key, query, ...bounds });
      },
    ],
  ];
  for (const [right, ask] of steps) {
    try {
      await ask();
    } catch (error) {
      throw error instanceof BucketFailure ? asProblem(client, right, error) : error;
    }
  }
}

function asProblem({ place }: BucketClient, right: string, failure: BucketFailure): TunewiseError {
  const { bucket, region } = place;
  const { code, status } = failure;
  const endpoint = new URL(place.root).origin;
  const context = { cause: failure };
  if (code === "NoSuchBucket" || (status === 404 && code !== "NoSuchKey")) {
    return problem("BUCKET_MISSING", { bucket, endpoint }, context);
  }
  if (failure.region !== null && failure.region !== region && [301, 307, 400].includes(status)) {
    return problem("BUCKET_REGION_WRONG", { bucket, asked: region, found: failure.region }, context);
  }
  if (status === 301 || status === 307) {
    return problem("BUCKET_REGION_WRONG", { bucket, asked: region, found: "another one" }, context);
  }
  if (status >= 400 && status < 500) {
    return problem("BUCKET_REFUSED", { bucket, right, code }, context);
  }
  return problem("BUCKET_UNREACHABLE", { bucket, endpoint, reason: failure.message }, context);
}
