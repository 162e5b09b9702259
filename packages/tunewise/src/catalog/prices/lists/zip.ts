/** @file Reads the text files of a small zip archive in memory; every declared size is limited first. */

import { inflateRawSync } from "node:zlib";
import {
  findZipEnd,
  readLocalHeader,
  readZipEnd,
  type ZipEntry,
  zipEntries,
  zipMethods,
} from "@tunewise/core/format";
import { countOf } from "@tunewise/core/quantity";
import { problem } from "../../../problem/index.ts";

/** Max. files; gpuhunt's archive has about 20. */
const maxEntries = 200;
/** Max. uncompressed bytes per file and in total. */
const maxFileBytes: number = 64 * 2 ** 20;
const maxTotalBytes: number = 256 * 2 ** 20;

/**
 * Returns the files whose names end in `ending`, as UTF-8 text.
 *
 * @param source name of the archive in errors
 * @throws {TunewiseError} `PRICES_CATALOG_UNREADABLE` if it is truncated, declares wrong sizes, or is too large
 */
export function readZipTexts(
  archive: Uint8Array,
  ending: string,
  source: string,
): ReadonlyMap<string, string> {
  const fail = (reason: string, cause?: unknown): Error =>
    problem("PRICES_CATALOG_UNREADABLE", { source, reason }, { cause });
  const texts = new Map<string, string>();
  let total = 0;
  for (const entry of directoryOf(archive, fail)) {
    if (!entry.name.endsWith(ending)) continue;
    total += entry.bytes;
    if (entry.bytes > maxFileBytes || total > maxTotalBytes) throw fail(`${entry.name} is too large`);
    texts.set(entry.name, contentOf(archive, entry, fail));
  }
  return texts;
}

type Fail = (reason: string, cause?: unknown) => Error;

function directoryOf(archive: Uint8Array, fail: Fail): readonly ZipEntry[] {
  const end = findZipEnd(archive);
  if (end < 0) throw fail("it is not a zip archive, or is truncated");
  const { entries: count, directoryOffset } = readZipEnd(archive, end);
  if (count > maxEntries) throw fail(`it holds ${countOf(count, "file")}`);
  const entries = [...zipEntries(archive, directoryOffset, count)];
  if (entries.length < count) throw fail("its directory is damaged");
  return entries;
}

function contentOf(
  archive: Uint8Array,
  { name, method, packedBytes, bytes, headerOffset }: ZipEntry,
  fail: Fail,
): string {
  const header = readLocalHeader(archive, headerOffset);
  if (header === null) throw fail(`${name} has no header`);
  const start = headerOffset + header.length;
  const packed = archive.subarray(start, start + packedBytes);
  if (packed.length !== packedBytes) throw fail(`${name} reaches beyond the end`);
  if (method !== zipMethods.stored && method !== zipMethods.deflated)
    throw fail(`${name} is packed by the unknown method ${method}`);
  let content = packed;
  if (method === zipMethods.deflated) {
    try {
      // One byte more than declared is enough to detect a wrong size.
      content = inflateRawSync(packed, { maxOutputLength: bytes + 1 });
    } catch (cause) {
      throw fail(`${name} cannot be unpacked`, cause);
    }
  }
  if (content.length !== bytes) throw fail(`${name} does not have the size that the directory states`);
  return new TextDecoder().decode(content);
}
