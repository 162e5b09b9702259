/** @file The members of a zip file, only where local headers and central directory agree. */
import { inflateRawSync } from "node:zlib";
import {
  directoryStart,
  findZipEnd,
  readLocalHeader,
  type ZipEntry,
  zip64,
  zipEntries,
  zipMethods,
} from "@tunewise/core/format";
import type { Collected } from "./report.ts";

/** A decompressed member. */
export interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Maximum number of members, decompressed size per member and in total, and compression ratio. */
const limits = { members: 200_000, memberBytes: 2 ** 28, totalBytes: 2 ** 31, ratio: 1_100 };

/** Flag bits of a header. */
const encrypted = 0x41;

/**
 * The members. Anything encrypted, too large, compressed otherwise or described inconsistently is reported as a fault
 * and skipped.
 */
export function* zipMembers(bytes: Uint8Array, where: string, collected: Collected): Generator<Member> {
  const end = findZipEnd(bytes);
  const start = end < 0 ? -1 : directoryStart(bytes, end);
  if (start < 0) {
    collected.fault("a zip file without its list of members", 0, where);
    return;
  }
  let total = 0;
  let count = 0;
  for (const entry of zipEntries(bytes, start, limits.members + 1)) {
    const { at } = entry;
    const name = where === "" ? entry.name : `${where}/${entry.name}`;
    const found = count < limits.members ? unpack(bytes, entry) : "more members than can be looked at";
    if (typeof found === "string") collected.fault(found, at, name);
    else {
      total += found.length;
      if (total > limits.totalBytes) {
        collected.fault(`unpacks to more than ${limits.totalBytes} bytes`, at, name);
        return;
      }
      yield { name, bytes: found };
    }
    count += 1;
  }
  if (count === 0 && end - start > 0)
    collected.fault("a zip file whose list of members is broken", start, where);
}

/** The bytes of a member, or why they are not available. */
function unpack(bytes: Uint8Array, entry: ZipEntry): Uint8Array | string {
  const { flags, method, packedBytes: packed, bytes: size, headerOffset } = entry;
  if ((flags & encrypted) !== 0) return "encrypted";
  const header = readLocalHeader(bytes, headerOffset);
  if (header === null) return "no header where its member is";
  if (header.name !== entry.name) return "its two headers name it differently";
  if (header.method !== method || (header.flags & encrypted) !== 0) return "its two headers disagree";
  const isLater = (header.flags & 8) !== 0 || header.packedBytes === zip64;
  if (!isLater && header.packedBytes !== packed) return "its two headers give different sizes";
  const from = headerOffset + header.length;
  if (from + packed > bytes.length) return "it is cut off";
  const body = bytes.subarray(from, from + packed);
  if (method === zipMethods.stored) return packed === size ? body : "stored with two sizes";
  if (method !== zipMethods.deflated) return `packed in a way that is not read (${method})`;
  if (size > limits.memberBytes || size > limits.ratio * packed + 1024) return `unpacks to ${size} bytes`;
  try {
    return inflateRawSync(body, { maxOutputLength: Math.max(1, size) });
  } catch {
    return "it cannot be unpacked to the size it gives";
  }
}
