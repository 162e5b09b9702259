/**
 * @file Whether a bucket can be worked with, found out before anybody logs to it.
 */
import { problem, type TunewiseError } from "../../../problem/index.ts";
import { BucketFailure, type Talk } from "./talk.ts";
import { textOf } from "./xml.ts";

/** How long the bucket may take for an answer. */
const checkSeconds = 10;

/**
 * Asks for a list and begins an upload, which it then gives up: so that nothing is left in the bucket.
 *
 * @throws {TunewiseError} `BUCKET_MISSING`, `BUCKET_REFUSED`, `BUCKET_REGION_WRONG`, `BUCKET_UNREACHABLE`
 */
export async function checkBucket(talk: Talk): Promise<void> {
  const signal = AbortSignal.timeout(checkSeconds * 1000);
  const bounds = { signal, attempts: 2 } as const;
  const key = ".tunewise-check";
  const steps: readonly (readonly [right: string, ask: () => Promise<unknown>])[] = [
    [
      "s3:ListBucket",
      () => talk.askText({ method: "GET", query: { "list-type": "2", "max-keys": "1" }, ...bounds }),
    ],
    [
      "s3:PutObject and s3:AbortMultipartUpload",
      async () => {
        const begun = await talk.askText({ method: "POST", key, query: { uploads: "" }, ...bounds });
        const query = { uploadId: textOf(begun, "UploadId") ?? "" };
        await talk.askText({ method: "DELETE", key, query, ...bounds });
      },
    ],
  ];
  for (const [right, ask] of steps) {
    try {
      await ask();
    } catch (error) {
      throw error instanceof BucketFailure ? inOurWords(talk, right, error) : error;
    }
  }
}

function inOurWords({ place }: Talk, right: string, failure: BucketFailure): TunewiseError {
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
