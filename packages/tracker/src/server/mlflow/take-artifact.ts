/** @file Stores a file that a client uploads, and classifies failures. */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { HttpError, requirePlain } from "../../http/index.ts";
import type { ArtifactStore } from "../../index.ts";
import { problem } from "../../problem/index.ts";

/**
 * Stores a request's body as a file. An interrupted upload leaves the previous file intact.
 *
 * @throws {HttpError} 413 for a file that is too large, 415 for a compressed body
 * @throws {TunewiseError} `UPLOAD_CUT_OFF` if the client disconnected, and the errors of the store
 */
export async function takeArtifact(
  store: ArtifactStore,
  key: string,
  request: IncomingMessage,
  maxBytes: number,
): Promise<void> {
  requirePlain(request);
  const tooLarge = new HttpError(413, "body_too_large", `A file may have ${maxBytes} bytes at most.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge;
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge;
      yield chunk;
    }
  };
  try {
    await store.put(key, Readable.from(counted(), { objectMode: false }));
  } catch (error) {
    if (error instanceof Error && error.cause instanceof HttpError) throw error.cause;
    if (request.complete || !request.destroyed) throw error;
    const path = key.length > 200 ? `${key.slice(0, 200)}...` : key;
    throw problem("UPLOAD_CUT_OFF", { path, bytes }, { cause: error });
  }
}
