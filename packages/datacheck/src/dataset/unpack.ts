/**
 * @file Unpacks files that are compressed as a whole, as a stream whose memory use and expansion are bounded. The only
 * importer of `fzstd`, and only when a file is compressed with it.
 */

import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Compression } from "@tunewise/core/format";
import { problem, TunewiseError } from "../problem/index.ts";
import { MAX_EXPANSION, MIN_EXPANDED_UNITS } from "./limits.ts";
import { foreignFileError, openDataFile, tooLarge } from "./open-file.ts";
import { zstdFrameCheck } from "./zstd-frames.ts";

/** How a compression is recognized and undone. */
interface CompressionRow {
  /** For sentences: `is not a whole gzip file`. */
  readonly title: string;
  /** First bytes, as Latin-1. */
  readonly magic: string;
  readonly unpack: (packed: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>;
}

/** Every compression. A missing row does not compile. */
export const compressions: Readonly<Record<Compression, CompressionRow>> = {
  gzip: { title: "gzip", magic: "\x1f\x8b", unpack: gunzip },
  zstd: { title: "Zstandard", magic: "\x28\xb5\x2f\xfd", unpack: unzstd },
};

/** The compression of a file with these first bytes, as Latin-1; `null`: none. */
export function compressionOf(start: string): Compression | null {
  const kinds = Object.keys(compressions) as Compression[];
  return kinds.find((kind) => start.startsWith(compressions[kind].magic)) ?? null;
}

/** Packed bytes that are read at once. Small, since each byte may expand to thousands. */
const PACKED_CHUNK_BYTES = 16 * 2 ** 10;
/** Max. unpacked bytes of such a chunk. */
const MAX_CHUNK_BYTES: number = 2 * MAX_EXPANSION * PACKED_CHUNK_BYTES;

/**
 * Reads the unpacked bytes of an open file.
 *
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` for a damaged or truncated file, or one that expands to more than
 *   `MAX_EXPANSION` times its size
 */
export async function* unpackedChunks(
  file: FileHandle,
  shown: string,
  compression: Compression,
): AsyncGenerator<Buffer> {
  const { title, unpack } = compressions[compression];
  const { size } = await file.stat();
  const maxBytes = Math.max(MIN_EXPANDED_UNITS, MAX_EXPANSION * size);
  let total = 0;
  try {
    for await (const chunk of unpack(packedChunks(file, shown))) {
      total += chunk.length;
      if (total > maxBytes) throw new Error(`${size} bytes expand to more than ${maxBytes}`);
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
  } catch (cause) {
    if (TunewiseError.is(cause)) throw cause;
    const reason = `it is not a whole ${title} file (${cause instanceof Error ? cause.message : String(cause)})`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason }, { cause });
  }
}

/**
 * Reads at most `maxBytes` from the start of a compressed file.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, see `unpackedChunks`
 */
export async function readUnpackedStart(
  path: string,
  shown: string,
  compression: Compression,
  maxBytes: number,
): Promise<Buffer> {
  return (await collect(path, shown, compression, maxBytes)).subarray(0, maxBytes);
}

/**
 * Reads a compressed file whose unpacked bytes are limited.
 *
 * @throws {TunewiseError} `DATA_FILE_TOO_LARGE`, `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, see `unpackedChunks`
 */
export async function readUnpackedFile(
  path: string,
  shown: string,
  compression: Compression,
  maxBytes: number,
): Promise<Buffer> {
  const bytes = await collect(path, shown, compression, maxBytes + 1);
  if (bytes.length > maxBytes) throw tooLarge(shown, bytes.length, maxBytes);
  return bytes;
}

async function collect(
  path: string,
  shown: string,
  compression: Compression,
  enough: number,
): Promise<Buffer> {
  const file = await openDataFile(path, shown);
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of unpackedChunks(file, shown, compression)) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes >= enough) break;
    }
    return Buffer.concat(parts);
  } finally {
    await file.close();
  }
}

async function* packedChunks(file: FileHandle, shown: string): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(PACKED_CHUNK_BYTES);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at).catch((cause: unknown) => {
      throw foreignFileError(shown, cause);
    });
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

function gunzip(packed: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  // an error of either side ends the other; the reader of the result sees it
  return pipeline(packed, createGunzip({ chunkSize: 2 ** 18 }), () => undefined);
}

/**
 * Loads the decoder and returns a function that unpacks bytes in memory. It throws an `Error` if they are damaged or do
 * not hold as many bytes as stated.
 */
export async function openZstd(): Promise<(packed: Uint8Array, length: number) => Uint8Array> {
  const { decompress } = await import("fzstd");
  return (packed, length) => {
    zstdFrameCheck()(packed, length);
    const bytes = decompress(packed, new Uint8Array(length));
    if (bytes.length !== length) throw new Error("a Zstandard frame does not hold as many bytes as stated");
    return bytes;
  };
}

/** Unpacks Zstandard in JavaScript, since Node 20 has no such stream. */
async function* unzstd(packed: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  const check = zstdFrameCheck();
  let blocks: Uint8Array[] = [];
  let [pending, total] = [0, 0];
  const stream = new Decompress((block) => {
    pending += block.length;
    if (pending > MAX_CHUNK_BYTES)
      throw new Error(`${PACKED_CHUNK_BYTES} bytes expand to more than ${MAX_CHUNK_BYTES}`);
    // the decoder reuses the block
    if (block.length > 0) blocks.push(block.slice());
  });
  for await (const chunk of packed) {
    check(chunk, total);
    stream.push(chunk);
    yield* blocks;
    total += pending;
    [pending, blocks] = [0, []];
  }
  stream.push(new Uint8Array(0), true);
  yield* blocks;
}
