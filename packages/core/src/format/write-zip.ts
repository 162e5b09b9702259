/**
 * @file Writes ZIP archives of small files, uncompressed and with one fixed time, so that equal files give equal bytes.
 */
import { crc32 } from "node:zlib";

/** 1 January 1980, the earliest date of a ZIP archive. @source PKWARE APPNOTE.TXT 6.3.10, section 4.4.6 */
const date = (1 << 5) | 1;

/** Creates an archive of the files, by name, in the given order. */
export function writeZip(files: ReadonlyMap<string, Buffer>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of files) {
    const path = Buffer.from(name);
    // version 2.0, no flags, stored, time, date, checksum, both sizes, name length, no extra field
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(date, 8);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(content.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(path.length, 22);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(at, 10);
    directory.push(signature(0x02014b50), Buffer.from([20, 3]), about, entry, path);
    const local = [signature(0x04034b50), about, path, content];
    bodies.push(...local);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.size, 4);
  end.writeUInt16LE(files.size, 6);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    8,
  );
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...bodies, ...directory, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
