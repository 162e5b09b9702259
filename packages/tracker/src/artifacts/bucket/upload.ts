/** @file Uploads to a bucket: small files in one request, large files in parts, of which only a few are in memory. */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Gate } from "@tunewise/core/untrusted";
import { type BucketClient, BucketFailure } from "./bucket-client.ts";
import { escaped, textOf } from "./xml.ts";

/**
 * Size of a part. A file has at most 10,000 parts and its size is not known in advance, so later parts are larger.
 *
 * @source docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: parts of 5 MiB to 5 GiB, 10,000 of them
 */
const partBytes = 8 * 1024 ** 2;
const laterPartBytes = 32 * 1024 ** 2;
const smallParts = 1_000;
const maxParts = 10_000;
/** Parts of one file in flight while the next one is read. */
const partsOnTheWay = 2;

interface Part {
  readonly content: Buffer;
  /** In hex. */
  readonly sha256: string;
  readonly isLast: boolean;
}

/**
 * Uploads a file atomically: it becomes visible only once its last byte has arrived.
 *
 * @param gate limits the number of parts in flight over all files
 * @returns bytes
 */
export async function upload(
  client: BucketClient,
  gate: Gate,
  key: string,
  content: Readable,
): Promise<number> {
  const parts = partsOf(content);
  const { value: first } = await parts.next();
  if (!first) throw new Error("Internal: a stream without a last part");
  if (!first.isLast) return uploadInParts(client, gate, key, first, parts);
  await gate(() =>
    client.request({ method: "PUT", key, body: first.content, sha256: first.sha256 }).then(drop),
  );
  return first.content.length;
}

async function uploadInParts(
  client: BucketClient,
  gate: Gate,
  key: string,
  first: Part,
  rest: AsyncGenerator<Part, void>,
): Promise<number> {
  const id = textOf(await client.requestText({ method: "POST", key, query: { uploads: "" } }), "UploadId");
  if (!id) throw new BucketFailure(200, "NoUploadId", null);
  const stop = new AbortController();
  const tags: string[] = [];
  const onTheWay = new Set<Promise<void>>();
  let [bytes, failure] = [0, undefined as unknown];
  const send = (number: number, { content: body, sha256 }: Part): void => {
    const query = { partNumber: String(number), uploadId: id };
    const sending = gate(async () => {
      const { signal } = stop;
      signal.throwIfAborted();
      const response = await client.request({ method: "PUT", key, query, body, sha256, signal });
      tags[number - 1] = response.headers.get("etag") ?? "";
      await drop(response);
    })
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => onTheWay.delete(sending));
    onTheWay.add(sending);
  };
  try {
    let number = 0;
    for (let part: Part | undefined = first; part; part = (await rest.next()).value ?? undefined) {
      if (++number > maxParts) throw new BucketFailure(413, "FileTooLarge", null);
      send(number, part);
      bytes += part.content.length;
      if (onTheWay.size >= partsOnTheWay) await Promise.race(onTheWay);
      if (failure) throw failure;
    }
    await Promise.all(onTheWay);
    if (failure) throw failure;
    await complete(client, key, id, tags, bytes);
    return bytes;
  } catch (error) {
    stop.abort();
    await Promise.all(onTheWay);
    // Parts of an unfinished upload cost money until they are removed. If the abort fails, a lifecycle rule may remove
    // them.
    const abort = { method: "DELETE", key, query: { uploadId: id } } as const;
    await client.request(abort).then(drop, () => undefined);
    throw error;
  }
}

/**
 * Completes the upload. A retry gets `NoSuchUpload` if the lost first attempt succeeded; size and ETag then confirm it.
 */
async function complete(
  client: BucketClient,
  key: string,
  id: string,
  tags: readonly string[],
  bytes: number,
): Promise<void> {
  const parts = tags.map(
    (tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`,
  );
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`);
  try {
    const request = { method: "POST", key, query: { uploadId: id }, body } as const;
    const answer = await client.requestText({ ...request, headers: { "content-type": "application/xml" } });
    // S3 may send status 200 before it has finished, and report a later failure in the body.
    const code = answer.includes("<Error>") ? textOf(answer, "Code") : null;
    if (code !== null) throw new BucketFailure(500, code, null);
  } catch (error) {
    if (!(error instanceof BucketFailure) || error.code !== "NoSuchUpload") throw error;
    const there = await client.request({ method: "HEAD", key });
    const isOurs =
      Number(there.headers.get("content-length")) === bytes &&
      (there.headers.get("etag") ?? "").endsWith(`-${tags.length}"`);
    if (!isOurs) throw error;
  }
}

/** Collects chunks into parts. The last part may be empty, and an empty stream yields one empty part. */
async function* partsOf(content: Readable): AsyncGenerator<Part, void> {
  let [chunks, bytes, hash, count] = [[] as Uint8Array[], 0, createHash("sha256"), 0];
  const taken = (isLast: boolean): Part => {
    const part = { content: Buffer.concat(chunks, bytes), sha256: hash.digest("hex"), isLast };
    [chunks, bytes, hash, count] = [[], 0, createHash("sha256"), count + 1];
    return part;
  };
  for await (const piece of content) {
    for (let chunk = piece as Uint8Array; chunk.length > 0; ) {
      const room = (count < smallParts ? partBytes : laterPartBytes) - bytes;
      if (room === 0) yield taken(false);
      const head = chunk.subarray(0, room === 0 ? partBytes : room);
      chunks.push(head);
      hash.update(head);
      bytes += head.length;
      chunk = chunk.subarray(head.length);
    }
  }
  yield taken(true);
}

/** Reads a response to its end, so that its connection can be reused. */
async function drop(response: Response): Promise<void> {
  await response.arrayBuffer();
}
