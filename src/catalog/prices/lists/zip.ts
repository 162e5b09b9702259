/**
 * @file Text files of a small zip archive in memory, with every size bounded before it is believed.
 */

import { inflateRawSync } from "node:zlib";
import { problem } from "../../../problem/index.ts";
import { countOf } from "../../../quantity/index.ts";

const endRecordBytes = 22;
/** The end record may be followed by a comment. */
const maxCommentBytes = 65_535;
/** gpuhunt's archive has about 20 files. */
const maxEntries = 200;
/** Largest file once unpacked, and all of them together. */
const maxFileBytes: number = 64 * 2 ** 20;
const maxTotalBytes: number = 256 * 2 ** 20;
const stored = 0;
const deflated = 8;

/**
 * The files of an archive whose names end in `ending`, as UTF-8 text.
 *
 * @param source names the archive in errors
 * @throws {TunewiseError} `PRICES_CATALOG_UNREADABLE` if it is cut, lies about sizes, or unpacks to too much
 * @source PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (end record)
 */
export function readZipTexts(
  archive: Uint8Array,
  ending: string,
  source: string,
): ReadonlyMap<string, string> {
  const fail = (reason: string, cause?: unknown): Error =>
    problem("PRICES_CATALOG_UNREADABLE", { source, reason }, { cause });
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const texts = new Map<string, string>();
  let total = 0;
  try {
    for (const entry of directoryOf(view, archive, fail)) {
      if (!entry.name.endsWith(ending)) continue;
      total += entry.bytes;
      if (entry.bytes > maxFileBytes || total > maxTotalBytes) throw fail(`${entry.name} is too large`);
      texts.set(entry.name, contentOf(view, archive, entry, fail));
    }
  } catch (error) {
    // Offsets that point outside of the archive.
    if (error instanceof RangeError) throw fail("it was cut off, or lies about its sizes", error);
    throw error;
  }
  return texts;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

function* directoryOf(
  view: DataView,
  archive: Uint8Array,
  fail: (reason: string) => Error,
): Generator<Entry> {
  let end = archive.length - endRecordBytes;
  const first = Math.max(0, end - maxCommentBytes);
  while (end >= first && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < first) throw fail("it is no zip archive, or was cut off");
  const count = view.getUint16(end + 10, true);
  if (count > maxEntries) throw fail(`it holds ${countOf(count, "file")}`);
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== 0x02014b50) throw fail("its directory is damaged");
    const nameBytes = view.getUint16(at + 28, true);
    yield {
      name: new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameBytes)),
      method: view.getUint16(at + 10, true),
      packedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

function contentOf(
  view: DataView,
  archive: Uint8Array,
  { name, method, packedBytes, bytes, offset }: Entry,
  fail: (reason: string, cause?: unknown) => Error,
): string {
  if (view.getUint32(offset, true) !== 0x04034b50) throw fail(`${name} has no header`);
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  const packed = archive.subarray(start, start + packedBytes);
  if (packed.length !== packedBytes) throw fail(`${name} reaches beyond the end`);
  if (method !== stored && method !== deflated)
    throw fail(`${name} is packed by the unknown method ${method}`);
  let content = packed;
  if (method === deflated) {
    try {
      // One byte more than promised is enough to find a lie out.
      content = inflateRawSync(packed, { maxOutputLength: bytes + 1 });
    } catch (cause) {
      throw fail(`${name} cannot be unpacked`, cause);
    }
  }
  if (content.length !== bytes) throw fail(`${name} does not have the size that the directory states`);
  return new TextDecoder().decode(content);
}
