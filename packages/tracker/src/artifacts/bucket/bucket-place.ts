/** @file The location and access keys of a bucket, from its address and the usual environment variables. */
import { problem } from "../../problem/index.ts";
import { plainKey } from "../artifact-store.ts";

/** A location in an S3-compatible bucket. */
export interface BucketPlace {
  readonly bucket: string;
  /** Prefix of every key: empty, or ending in a slash. */
  readonly prefix: string;
  readonly region: string;
  /** URL to which keys are appended; it ends in a slash. */
  readonly root: string;
  readonly keys: BucketKeys;
}

/** Credentials for signing requests; never displayed. */
export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether an argument is a bucket address and not a folder. */
export function isBucketAddress(word: string): boolean {
  return /^s3:\/\//i.test(word);
}

/** @source docs.aws.amazon.com/AmazonS3 bucketnamingrules; capitals and underscores are valid on other servers */
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;

/**
 * Parses an address and reads the environment variables.
 *
 * @param address `s3://BUCKET` or `s3://BUCKET/PREFIX`
 * @throws {TunewiseError} `BUCKET_ADDRESS_INVALID`, `BUCKET_KEYS_MISSING`
 */
export function bucketPlaceFrom(address: string, environment: Environment): BucketPlace {
  const [, bucket = "", rest = ""] = /^s3:\/\/([^/]*)\/?(.*)$/i.exec(address) ?? [];
  const invalid = (reason: string): Error => problem("BUCKET_ADDRESS_INVALID", { reason });
  if (!bucketName.test(bucket) || bucket.includes("..")) throw invalid("it contains no valid bucket name");
  const trimmed = rest.replace(/\/$/, "");
  if (trimmed !== "" && plainKey(trimmed) === null) throw invalid("its prefix is not a plain path");
  const prefix = trimmed === "" ? "" : `${trimmed}/`;
  const region = word(environment, "AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1";
  if (!/^[a-z0-9-]{1,64}$/i.test(region)) throw invalid("AWS_REGION is not a valid region");
  const endpoint = word(environment, "MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  const root = endpoint === null ? amazonRoot(bucket, region) : `${endpointFrom(endpoint)}${bucket}/`;
  return { bucket, prefix, region, root, keys: keysFrom(environment) };
}

/** The first of several variables that is set and not empty. */
function word(environment: Environment, ...names: string[]): string | null {
  return names.map((name) => environment[name]?.trim()).find((value) => value) ?? null;
}

/** Amazon puts the bucket name in the host name, except names with dots, which would not match the TLS certificate. */
function amazonRoot(bucket: string, region: string): string {
  const host = `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  return /^[a-z0-9-]+$/.test(bucket) ? `https://${bucket}.${host}/` : `https://${host}/${bucket}/`;
}

/** Scheme, authority and path of an endpoint, with a trailing slash. */
function endpointFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === "";
  if (!isPlain)
    throw problem("BUCKET_ADDRESS_INVALID", { reason: "the endpoint is not a plain http(s) address" });
  return `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
}

function keysFrom(environment: Environment): BucketKeys {
  const [accessKeyId, secretAccessKey, sessionToken] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
  ].map((name) => word(environment, name));
  if (!accessKeyId || !secretAccessKey) {
    const names = [accessKeyId ? "" : "AWS_ACCESS_KEY_ID", secretAccessKey ? "" : "AWS_SECRET_ACCESS_KEY"];
    throw problem("BUCKET_KEYS_MISSING", { names: names.filter((name) => name).join(" and ") });
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
