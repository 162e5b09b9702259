/** @file Downloads from a bucket as streams that resume after a broken connection. */
import { Readable } from "node:stream";
import type { OpenArtifact } from "../artifact-store.ts";
import { type BucketClient, BucketFailure, isTransient, waitBefore } from "./bucket-client.ts";

/** Requested bytes; `to` is exclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Number of consecutive disconnects without progress after which a download fails. */
const maxBreaks = 5;

/** Opens a file or a range of it; `null` if it does not exist. */
export async function download(
  client: BucketClient,
  key: string,
  range?: Range,
): Promise<OpenArtifact | null> {
  const stop = new AbortController();
  const response = await fetchPart(client, key, range ?? null, null, stop.signal).catch((error: unknown) => {
    if (error instanceof BucketFailure && error.status === 404 && error.code !== "NoSuchBucket") return null;
    throw error;
  });
  if (!response) return null;
  const whole = Number(
    range && response.status === 206
      ? response.headers.get("content-range")?.split("/")[1]
      : response.headers.get("content-length"),
  );
  if (!Number.isSafeInteger(whole) || (range && response.status !== 206)) {
    stop.abort();
    throw new BucketFailure(response.status, range ? "NoRange" : "NoLength", null);
  }
  const wanted = range ? { from: range.from, to: Math.min(range.to, whole) } : { from: 0, to: whole };
  const tag = response.headers.get("etag");
  return { bytes: whole, content: streamOf(client, { key, wanted, tag }, response, stop) };
}

function fetchPart(
  client: BucketClient,
  key: string,
  range: Range | null,
  tag: string | null,
  signal: AbortSignal,
): Promise<Response> {
  const headers = {
    ...(range ? { range: `bytes=${range.from}-${range.to - 1}` } : {}),
    ...(tag ? { "if-match": tag } : {}),
  };
  return client.request({ method: "GET", key, headers, signal });
}

interface Wanted {
  readonly key: string;
  readonly wanted: Range;
  readonly tag: string | null;
}

function streamOf(
  client: BucketClient,
  { key, wanted, tag }: Wanted,
  response: Response,
  stop: AbortController,
): Readable {
  let [reader, at, breaks] = [response.body?.getReader(), wanted.from, 0];
  const pull = async (): Promise<Uint8Array | null> => {
    while (at < wanted.to) {
      try {
        const chunk = await reader?.read();
        if (!chunk?.value) throw new BucketFailure(0, "Truncated", null);
        [at, breaks] = [at + chunk.value.length, 0];
        return chunk.value;
      } catch (cause) {
        if (stop.signal.aborted || ++breaks > maxBreaks) throw cause;
        await waitBefore(breaks, client.random);
        // `if-match` fails if the file has changed, so that a stream never mixes two versions.
        const rest = { from: at, to: wanted.to };
        const again = await fetchPart(client, key, rest, tag, stop.signal).catch((error: unknown) => {
          if (isTransient(error)) return null;
          throw error;
        });
        if (again && again.status !== 206) throw new BucketFailure(again.status, "NoRange", null);
        reader = again?.body?.getReader();
      }
    }
    return null;
  };
  return new Readable({
    read(): void {
      pull().then(
        (chunk) => this.push(chunk && Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, done): void {
      stop.abort();
      done(error);
    },
  });
}
