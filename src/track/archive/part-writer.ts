/** @file Lines gathered into packed parts of an archive. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { ArchiveSink } from "./archive-sink.ts";
import { type ArchivePart, partBytesMost } from "./manifest.ts";
import { NotAnArchive } from "./tar.ts";

/** Bytes of lines after which a part is packed. */
const partBytes = 2 * 1024 ** 2;

const [pack, unpack] = [promisify(gzip), promisify(gunzip)];

/** Takes lines of one table. */
export interface PartWriter {
  add(line: string): Promise<void>;
  /** Writes what is left, and tells of all parts. */
  end(): Promise<ArchivePart[]>;
}

/** @param name of the part with a number from 0 */
export function partWriter(sink: ArchiveSink, name: (at: number) => string): PartWriter {
  const parts: ArchivePart[] = [];
  let [lines, letters] = [[] as string[], 0];
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const [rows, content] = [lines.length, Buffer.from(`${lines.join("\n")}\n`)];
    [lines, letters] = [[], 0];
    const packed = await pack(content);
    if (content.length > partBytesMost) throw new Error("Internal: a row too large for an archive");
    const sha256 = await sink.add(name(parts.length), packed);
    parts.push({ rows, bytes: content.length, packed_bytes: packed.length, sha256 });
  };
  return {
    add: async (line) => {
      lines.push(line);
      letters += line.length;
      if (letters >= partBytes) await flush();
    },
    end: async () => {
      await flush();
      return parts;
    },
  };
}

/**
 * The lines of a part, whose digest is checked before it is unpacked, and never into more than it was.
 *
 * @throws {NotAnArchive}
 */
export async function readPart(name: string, packed: Buffer, part: ArchivePart): Promise<Iterable<string>> {
  const isWhole =
    packed.length === part.packed_bytes && createHash("sha256").update(packed).digest("hex") === part.sha256;
  if (!isWhole) throw new NotAnArchive(`${name} is damaged`);
  const content = await unpack(packed, { maxOutputLength: Math.max(1, part.bytes) }).catch(() => null);
  if (content?.length !== part.bytes || countLines(content) !== part.rows) {
    throw new NotAnArchive(`${name} does not hold what the manifest says`);
  }
  return linesIn(content);
}

/** Lines with an end; one without makes the number wrong. */
function countLines(content: Buffer): number {
  let [count, from] = [0, 0];
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, from))
    [count, from] = [count + 1, at + 1];
  return from === content.length ? count : -1;
}

/** One after the other: as a list, the lines of a part that holds little else than ends would take gigabytes. */
function* linesIn(content: Buffer): Generator<string> {
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(10, from);
    yield content.toString("utf8", from, end);
    from = end + 1;
  }
}
