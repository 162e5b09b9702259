/**
 * @file Locates the files of a ZIP archive and reads their headers. Nothing is unpacked here: each reader first checks
 * the declared values against its own limits.
 *
 * @source PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.15 and 4.3.14 (64-bit
 *   records), 4.3.16 (end record) and 4.5.3 (64-bit extra field)
 */

/** A file as described in the archive's central directory. */
export interface ZipEntry {
  readonly name: string;
  /** Bit 0 and bit 6: encrypted. */
  readonly flags: number;
  /** One of `zipMethods`, or an unsupported method. */
  readonly method: number;
  readonly packedBytes: number;
  /** Unpacked size. */
  readonly bytes: number;
  /** Offset of its local header in the archive. */
  readonly headerOffset: number;
  /** Offset of its entry in the bytes of the directory. */
  readonly at: number;
}

/** Values of the end record, which are not verified. */
export interface ZipEnd {
  readonly entries: number;
  readonly directoryBytes: number;
  /** `zip64` if the number does not fit into 32 bits. */
  readonly directoryOffset: number;
}

/** The header directly before a file's data, which repeats the directory entry. */
export interface LocalHeader {
  readonly flags: number;
  readonly method: number;
  readonly packedBytes: number;
  readonly name: string;
  /** From the start of the header to the file's data. */
  readonly length: number;
}

/** Supported compression methods. */
export const zipMethods = { stored: 0, deflated: 8 } as const;

/** Marks a number that is stored in a 64-bit record. */
export const zip64 = 0xffffffff;

/** Size of a local header without name and extra field. */
export const localHeaderBytes = 30;

const endBytes = 22;
const directoryEntryBytes = 46;

/** Size of the end record plus the longest comment that may follow it. */
export const zipTailBytes: number = endBytes + 65_535;

/** Offset of the end record in an archive, or in its last `zipTailBytes`; -1 if the bytes are not an archive. */
export function findZipEnd(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const last = bytes.length - endBytes;
  for (let at = last; at >= Math.max(0, bytes.length - zipTailBytes); at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  return -1;
}

/** Reads the end record that `findZipEnd` found. */
export function readZipEnd(bytes: Uint8Array, end: number): ZipEnd {
  const view = viewOf(bytes);
  return {
    entries: view.getUint16(end + 10, true),
    directoryBytes: view.getUint32(end + 12, true),
    directoryOffset: view.getUint32(end + 16, true),
  };
}

/** Offset of the directory in an archive in memory, from its 64-bit record if it has one; -1 if there is none. */
export function directoryStart(bytes: Uint8Array, end: number): number {
  const { directoryOffset } = readZipEnd(bytes, end);
  if (directoryOffset !== zip64) return directoryOffset <= end ? directoryOffset : -1;
  const view = viewOf(bytes);
  if (end < 20 || view.getUint32(end - 20, true) !== 0x07064b50) return -1;
  const record = Number(view.getBigUint64(end - 12, true));
  if (record + 56 > end || view.getUint32(record, true) !== 0x06064b50) return -1;
  const far = Number(view.getBigUint64(record + 48, true));
  return far <= end ? far : -1;
}

/**
 * Reads at most `max` consecutive entries, starting at an offset, while each has a valid signature and fits into the
 * bytes.
 */
export function* zipEntries(bytes: Uint8Array, start: number, max: number): Generator<ZipEntry> {
  const view = viewOf(bytes);
  let at = start;
  for (let count = 0; count < max && at + directoryEntryBytes <= bytes.length; count++) {
    if (view.getUint32(at, true) !== 0x02014b50) return;
    const nameEnd = at + directoryEntryBytes + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const [packedBytes, size, headerOffset] = sizesOf(view, at, nameEnd, extraEnd);
    yield {
      name: decoder.decode(bytes.subarray(at + directoryEntryBytes, nameEnd)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      packedBytes,
      bytes: size,
      headerOffset,
      at,
    };
    at = extraEnd + view.getUint16(at + 32, true);
  }
}

/** The local header at an offset, or `null` if there is none. The name may be truncated at the end of the bytes. */
export function readLocalHeader(bytes: Uint8Array, at: number): LocalHeader | null {
  const view = viewOf(bytes);
  if (at + localHeaderBytes > bytes.length || view.getUint32(at, true) !== 0x04034b50) return null;
  const nameEnd = localHeaderBytes + view.getUint16(at + 26, true);
  return {
    flags: view.getUint16(at + 6, true),
    method: view.getUint16(at + 8, true),
    packedBytes: view.getUint32(at + 18, true),
    name: decoder.decode(bytes.subarray(at + localHeaderBytes, at + nameEnd)),
    length: nameEnd + view.getUint16(at + 28, true),
  };
}

const decoder = new TextDecoder();

/** Packed size, size and offset; values beyond 32 bits are read from an extra field. */
function sizesOf(
  view: DataView,
  at: number,
  extraStart: number,
  extraEnd: number,
): [packed: number, size: number, offset: number] {
  const values: [number, number, number] = [
    view.getUint32(at + 20, true),
    view.getUint32(at + 24, true),
    view.getUint32(at + 42, true),
  ];
  const end = Math.min(extraEnd, view.byteLength);
  for (let extra = extraStart; extra + 4 <= end; extra += 4 + view.getUint16(extra + 2, true)) {
    if (view.getUint16(extra, true) !== 1) continue;
    let place = extra + 4;
    for (const index of [1, 0, 2] as const) {
      if (values[index] !== zip64 || place + 8 > end) continue;
      values[index] = Number(view.getBigUint64(place, true));
      place += 8;
    }
    break;
  }
  return values;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
