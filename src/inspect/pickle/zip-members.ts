/**
 * @file The members of a zip file, only where what its two lists of headers say agrees.
 */
import { inflateRawSync } from "node:zlib";
import type { Collected } from "./report.ts";

/** A member, unpacked. */
export interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Most members, most bytes of one unpacked, most of all, and how many times larger than packed. */
const limits = { members: 200_000, memberBytes: 2 ** 28, totalBytes: 2 ** 31, ratio: 1_100 };

const utf8 = new TextDecoder();

/** Where the list at the end begins, or -1 where the bytes are no zip file. */
export function findZipEnd(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const least = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= least; at -= 1)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return -1;
}

/** The members; what is encrypted, too large, packed in another way or described in two ways is a fault, left out. */
export function* zipMembers(bytes: Uint8Array, where: string, collected: Collected): Generator<Member> {
  const view = viewOf(bytes);
  const end = findZipEnd(bytes);
  const start = end < 0 ? -1 : directoryStart(view, end);
  if (start < 0) {
    collected.fault("a zip file without its list of members", 0, where);
    return;
  }
  let total = 0;
  let count = 0;
  for (let at = start; at + 46 <= bytes.length && view.getUint32(at, true) === 0x02014b50; count += 1) {
    const [nameSize, more] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const nameBytes = bytes.subarray(at + 46, at + 46 + nameSize);
    const name = where === "" ? utf8.decode(nameBytes) : `${where}/${utf8.decode(nameBytes)}`;
    const found =
      count < limits.members ? unpack(bytes, view, at, nameBytes) : "more members than can be looked at";
    if (typeof found === "string") collected.fault(found, at, name);
    else {
      total += found.length;
      if (total > limits.totalBytes) {
        collected.fault(`unpacks to more than ${limits.totalBytes} bytes`, at, name);
        return;
      }
      yield { name, bytes: found };
    }
    if (count >= limits.members) return;
    at += 46 + nameSize + more + view.getUint16(at + 32, true);
  }
  if (count === 0 && end - start > 0)
    collected.fault("a zip file whose list of members is broken", start, where);
}

/** With sizes beyond 32 bits the place stands in a record before the end. */
function directoryStart(view: DataView, end: number): number {
  const start = view.getUint32(end + 16, true);
  if (start !== 0xffffffff) return start <= end ? start : -1;
  if (end < 20 || view.getUint32(end - 20, true) !== 0x07064b50) return -1;
  const record = Number(view.getBigUint64(end - 12, true));
  if (record + 56 > end || view.getUint32(record, true) !== 0x06064b50) return -1;
  const far = Number(view.getBigUint64(record + 48, true));
  return far <= end ? far : -1;
}

/** The bytes of the member whose entry stands at `at`, or why they are not given. */
function unpack(bytes: Uint8Array, view: DataView, at: number, name: Uint8Array): Uint8Array | string {
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [packed, size, local] = sizesOf(view, at, name.length);
  if ((flags & 0x41) !== 0) return "encrypted";
  if (local + 30 > bytes.length || view.getUint32(local, true) !== 0x04034b50)
    return "no header where its member is";
  const nameSize = view.getUint16(local + 26, true);
  const localName = bytes.subarray(local + 30, local + 30 + nameSize);
  if (utf8.decode(localName) !== utf8.decode(name)) return "its two headers name it differently";
  const localFlags = view.getUint16(local + 6, true);
  if (view.getUint16(local + 8, true) !== method || (localFlags & 0x41) !== 0)
    return "its two headers disagree";
  const localSize = view.getUint32(local + 18, true);
  const isLater = (localFlags & 8) !== 0 || localSize === 0xffffffff;
  if (!isLater && localSize !== packed) return "its two headers give different sizes";
  const from = local + 30 + nameSize + view.getUint16(local + 28, true);
  if (from + packed > bytes.length) return "it is cut off";
  const body = bytes.subarray(from, from + packed);
  if (method === 0) return packed === size ? body : "stored with two sizes";
  if (method !== 8) return `packed in a way that is not read (${method})`;
  if (size > limits.memberBytes || size > limits.ratio * packed + 1024) return `unpacks to ${size} bytes`;
  try {
    return inflateRawSync(body, { maxOutputLength: Math.max(1, size) });
  } catch {
    return "it cannot be unpacked to the size it gives";
  }
}

/** Packed size, size and place; those beyond 32 bits stand in an extra field. */
function sizesOf(
  view: DataView,
  at: number,
  nameSize: number,
): [packed: number, size: number, local: number] {
  const values = [
    view.getUint32(at + 20, true),
    view.getUint32(at + 24, true),
    view.getUint32(at + 42, true),
  ];
  let [extra, end] = [at + 46 + nameSize, at + 46 + nameSize + view.getUint16(at + 30, true)];
  end = Math.min(end, view.byteLength);
  for (; extra + 4 <= end; extra += 4 + view.getUint16(extra + 2, true)) {
    if (view.getUint16(extra, true) !== 1) continue;
    let place = extra + 4;
    for (const index of [1, 0, 2]) {
      if (values[index] !== 0xffffffff || place + 8 > end) continue;
      values[index] = Number(view.getBigUint64(place, true));
      place += 8;
    }
    break;
  }
  return [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
