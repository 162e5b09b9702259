/**
 * @file The one file that loads the signer: a request's headers with a signature over them and over the body's digest.
 */
import { problem } from "../../../problem/index.ts";
import type { BucketPlace } from "./bucket-place.ts";

/** What is signed of a request. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, as hex. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Gives all headers that are to be sent, but Host. */
export type Sign = (request: UnsignedRequest) => Record<string, string>;

type Signer = typeof import("aws4");

/**
 * Loads the signer for a place.
 *
 * @param load gives the package
 * @throws {TunewiseError} `BUCKET_SIGNER_MISSING` where it is not installed
 */
export async function loadSign(
  { region, keys }: BucketPlace,
  load: () => Promise<{ readonly default: Signer }> = () => import("aws4"),
): Promise<Sign> {
  const { default: aws4 } = await load().catch((cause: unknown) => {
    throw problem("BUCKET_SIGNER_MISSING", {}, { cause });
  });
  return ({ method, url, headers, sha256, nowMs }) => {
    const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
    const request = {
      ...{ service: "s3", region, method, host: url.host, path: url.pathname + url.search },
      headers: { ...headers, "X-Amz-Content-Sha256": sha256, "X-Amz-Date": date },
    };
    const signed = (aws4.sign(request, keys).headers ?? {}) as Record<string, string>;
    const { Host: _host, ...sent } = signed;
    return sent;
  };
}
