/** @file Signed requests to a bucket, with retries of transient failures. The only file that loads the signer. */
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { loadPackage, problem } from "../../problem/index.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { textOf } from "./xml.ts";

/** What the client needs from its environment. */
export interface BucketIo {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1); adds jitter to retries. */
  readonly random: () => number;
}

/** A request. */
interface BucketRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Key below the place's prefix; without one, the request is about the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** SHA-256 of the body in hex, if it is known. */
  readonly sha256?: string;
  readonly signal?: AbortSignal;
  /** Default: 5. */
  readonly attempts?: number;
}

/** Sends requests to a bucket. The caller reads the response body. */
export interface BucketClient {
  readonly place: BucketPlace;
  readonly random: () => number;
  /** @throws {BucketFailure} for any status but 2xx, and if there is no response */
  request(request: BucketRequest): Promise<Response>;
  /** Like `request`, but reads the body as text. */
  requestText(request: BucketRequest): Promise<string>;
}

/** A failed request. `code` is an S3 error code or a system error code; status 0 means no response. */
export class BucketFailure extends Error {
  readonly status: number;
  readonly code: string;
  /** The bucket's region, if the response states it. */
  readonly region: string | null;

  constructor(status: number, code: string, region: string | null, cause?: unknown) {
    super(status === 0 ? `no answer (${code})` : `${status} ${code}`, { cause });
    this.status = status;
    this.code = code;
    this.region = region;
  }
}

/** Maximum attempts per request, and the maximum pause between them. */
const maxAttempts = 5;
const maxPauseMs = 5_000;
const emptySha256 = createHash("sha256").digest("hex");
/** Maximum size of an XML response: a page of 1,000 keys of maximum length, percent-encoded. */
const maxAnswerBytes = 16 * 1024 ** 2;

/** @source docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; proxies respond with a status only */
const transientStatus: ReadonlySet<number> = new Set([0, 429, 500, 502, 503, 504]);
const transientCodes: ReadonlySet<string> = new Set(["RequestTimeout", "SlowDown", "OperationAborted"]);

/**
 * Creates a client without sending anything.
 *
 * @throws {TunewiseError} `BUCKET_SIGNER_MISSING`
 */
export async function openBucketClient(place: BucketPlace, world: BucketIo): Promise<BucketClient> {
  const sign = await loadSign(place);
  const once = async (request: BucketRequest): Promise<Response> => {
    const { method, headers = {}, body, signal } = request;
    const url = urlOf(place, request);
    const sha256 = request.sha256 ?? (body ? createHash("sha256").update(body).digest("hex") : emptySha256);
    const signed = sign({ method, url, headers, sha256, nowMs: world.now() });
    const response = await world
      .fetch(url, {
        method,
        // Not signed, because some proxies rewrite it.
        headers: { ...signed, "accept-encoding": "identity" },
        redirect: "manual",
        ...(body ? { body: body as Uint8Array<ArrayBuffer> } : {}),
        ...(signal ? { signal } : {}),
      })
      .catch((cause: unknown) => {
        throw new BucketFailure(0, systemCode(cause), null, cause);
      });
    if (response.ok) return response;
    throw await failureOf(response);
  };
  const send = async (request: BucketRequest): Promise<Response> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(request);
      } catch (error) {
        const isLast = attempt >= (request.attempts ?? maxAttempts) || request.signal?.aborted;
        if (isLast || !isTransient(error)) throw error;
        await waitBefore(attempt, world.random);
      }
    }
  };
  return {
    place,
    random: world.random,
    request: send,
    requestText: async (request) => readText(await send(request)),
  };
}

/** Whether a retry of the same request may succeed. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof BucketFailure && (transientStatus.has(error.status) || transientCodes.has(error.code))
  );
}

/** Exponential backoff with jitter, so that clients that failed together do not retry together. */
export async function waitBefore(attempt: number, random: () => number): Promise<void> {
  await pause(Math.min(maxPauseMs, 100 * 2 ** attempt) * random());
}

function urlOf({ root, prefix }: BucketPlace, { key, query = {} }: BucketRequest): URL {
  const path = key === undefined ? root : root + (prefix + key).split("/").map(percent).join("/");
  const pairs = Object.entries(query).map(([name, value]) => `${percent(name)}=${percent(value)}`);
  return new URL(pairs.length > 0 ? `${path}?${pairs.join("&")}` : path);
}

/** Encodes all but the unreserved characters, as signatures require. @source RFC 3986, 2.3 */
function percent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function failureOf(response: Response): Promise<BucketFailure> {
  const text = await readText(response).catch(() => "");
  // Keeps only codes from the response, because other text in it may contain keys and signatures.
  const plain = (word: string | null): string | null =>
    word !== null && /^[\w.-]{1,64}$/.test(word) ? word : null;
  const code = plain(textOf(text, "Code")) ?? plain(response.statusText.replaceAll(" ", "")) ?? "Unknown";
  const region = plain(textOf(text, "Region")) ?? plain(response.headers.get("x-amz-bucket-region"));
  return new BucketFailure(response.status, code, region);
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body) {
    try {
      for await (const chunk of response.body) {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) throw new BucketFailure(response.status, "AnswerTooLong", null);
        chunks.push(chunk);
      }
    } catch (cause) {
      throw cause instanceof BucketFailure ? cause : new BucketFailure(0, systemCode(cause), null, cause);
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

function systemCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
    if (at.name === "TimeoutError" || at.name === "AbortError") return at.name;
  }
  return "NetworkError";
}

/** The parts of a request that are signed. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Returns all headers to send except Host. */
type Sign = (request: UnsignedRequest) => Record<string, string>;

/**
 * The used part of the API of `aws4`. It is declared here because the package has no types and must be optional at
 * compile time.
 */
interface Signer {
  sign(
    request: {
      readonly service: string;
      readonly region: string;
      readonly method: string;
      readonly host: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
    },
    keys: BucketPlace["keys"],
  ): { readonly headers?: object };
}

/**
 * Loads the signer for a bucket.
 *
 * @param load imports the package
 * @throws {TunewiseError} `BUCKET_SIGNER_MISSING` if it is not installed
 */
export async function loadSign(
  { region, keys }: BucketPlace,
  load: () => Promise<{ readonly default: Signer }> = () => import("aws4"),
): Promise<Sign> {
  const { default: aws4 } = await loadPackage("aws4", "A bucket for artifacts", load, (...given) =>
    problem("BUCKET_SIGNER_MISSING", ...given),
  );
  return ({ method, url, headers, sha256, nowMs }) => {
    const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
    const request = {
      service: "s3",
      region,
      method,
      host: url.host,
      path: url.pathname + url.search,
      headers: { ...headers, "X-Amz-Content-Sha256": sha256, "X-Amz-Date": date },
    };
    const signed = { ...aws4.sign(request, keys).headers } as Record<string, string>;
    const { Host: _host, ...sent } = signed;
    return sent;
  };
}
