/** @file Unpacks the parts of a spreadsheet, which is a ZIP archive, as streams of bounded size. */

import { crc32, createInflateRaw } from "node:zlib";
import {
  directoryStart,
  findZipEnd,
  readLocalHeader,
  type ZipEntry,
  zipEntries,
  zipMethods,
} from "@tunewise/core/format";
import { MAX_EXPANSION, MIN_EXPANDED_UNITS } from "../limits.ts";

/** Max. parts of an archive. */
const MAX_PARTS = 10_000;

/** The parts of an archive in memory. */
export interface Archive {
  has(name: string): boolean;
  /** Text of a part, in chunks. Throws an `Error` for a missing, damaged or encrypted part, or one that expands too far. */
  read(name: string): AsyncGenerator<string>;
}

/**
 * Opens an archive in memory.
 *
 * @throws {Error} if the bytes are not a whole archive
 */
export function openArchive(bytes: Uint8Array): Archive {
  const end = findZipEnd(bytes);
  const start = end < 0 ? -1 : directoryStart(bytes, end);
  if (start < 0) throw new Error("its list of parts is missing");
  const parts = new Map([...zipEntries(bytes, start, MAX_PARTS)].map((entry) => [entry.name, entry]));
  return {
    has: (name) => parts.has(name),
    async *read(name): AsyncGenerator<string> {
      const entry = parts.get(name);
      if (entry === undefined) throw new Error(`its part ${name} is missing`);
      const decoder = new TextDecoder("utf-8", { fatal: true });
      try {
        for await (const chunk of unpackedPart(bytes, entry)) yield decoder.decode(chunk, { stream: true });
        yield decoder.decode();
      } catch (cause) {
        const reason = cause instanceof TypeError ? "it is not UTF-8" : (cause as Error).message;
        throw new Error(`its part ${name} is damaged: ${reason}`, { cause });
      }
    },
  };
}

async function* unpackedPart(bytes: Uint8Array, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const { headerOffset, packedBytes, method, flags } = entry;
  const header = readLocalHeader(bytes, headerOffset);
  if (header === null || headerOffset + header.length + packedBytes > bytes.length)
    throw new Error("it is cut off");
  if ((flags & 1) !== 0) throw new Error("it is encrypted");
  const from = headerOffset + header.length;
  const packed = bytes.subarray(from, from + packedBytes);
  if (method !== zipMethods.stored && method !== zipMethods.deflated)
    throw new Error(`its compression ${method} is not supported`);
  const maxBytes = Math.max(MIN_EXPANDED_UNITS, MAX_EXPANSION * packedBytes);
  let [total, checksum] = [0, 0];
  for await (const chunk of method === zipMethods.stored ? [packed] : inflated(packed)) {
    total += chunk.length;
    if (total > maxBytes) throw new Error(`${packedBytes} bytes expand to more than ${maxBytes}`);
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  const stated = Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE(entry.at + checksumOffset);
  if (total !== entry.bytes || checksum !== stated) throw new Error("its checksum differs");
}

/** Of the checksum in an entry of the directory. @source PKWARE APPNOTE.TXT 6.3.10, section 4.3.12 */
const checksumOffset = 16;

function inflated(packed: Uint8Array): AsyncIterable<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: 2 ** 17 });
  inflate.end(packed);
  return inflate;
}
