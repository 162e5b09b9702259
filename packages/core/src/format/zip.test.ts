/** @file ZIP archives: the values in their headers, numbers beyond 32 bits, and truncation at any byte. */
import { describe, expect, test } from "vitest";
import { zipBytes } from "../../../../test/support/zip-bytes.ts";
import { directoryStart, findZipEnd, readLocalHeader, readZipEnd, zip64, zipEntries } from "./zip.ts";

const files = { "a.txt": Buffer.from("aaaa"), "folder/b.txt": Buffer.from("b") };
const archive = zipBytes(files, false);
const end = archive.length - 22;
const start = new DataView(archive.buffer, archive.byteOffset).getUint32(end + 16, true);

/** The archive with some header fields changed. */
function changed(...numbers: readonly [at: number, value: number][]): Uint8Array {
  const copy = Buffer.from(archive);
  for (const [at, value] of numbers) copy.writeUInt32LE(value, at);
  return copy;
}

test("the end record is found before a comment, and only where one can stand", () => {
  expect(findZipEnd(archive)).toBe(end);
  expect(findZipEnd(Buffer.concat([archive, Buffer.alloc(65_535)]))).toBe(end);
  expect(findZipEnd(Buffer.concat([archive, Buffer.alloc(65_536)]))).toBe(-1);
  for (const length of [0, 21, 22, 100]) expect(findZipEnd(new Uint8Array(length))).toBe(-1);
  expect(readZipEnd(archive, end)).toEqual({
    entries: 2,
    directoryBytes: end - start,
    directoryOffset: start,
  });
});

test("entries in their order, at most so many", () => {
  const [first, second] = [...zipEntries(archive, start, 10)];
  expect(first).toMatchObject({
    name: "a.txt",
    method: 0,
    flags: 0,
    packedBytes: 4,
    bytes: 4,
    headerOffset: 0,
  });
  expect(second).toMatchObject({ name: "folder/b.txt", bytes: 1, headerOffset: 39 });
  expect([...zipEntries(archive, start, 1)]).toEqual([first]);
  expect(readLocalHeader(archive, 39)).toEqual({
    flags: 0,
    method: 0,
    packedBytes: 1,
    name: "folder/b.txt",
    length: 42,
  });
  expect([...archive.subarray(39 + 42, 39 + 43)]).toEqual([98]);
});

test("cut off anywhere, there are fewer entries and no error", () => {
  for (let length = 0; length <= archive.length; length++) {
    const part = archive.subarray(0, length);
    expect([...zipEntries(part, start, 10)].length).toBeLessThanOrEqual(2);
    expect(readLocalHeader(part, 39) === null).toBe(length < 69);
  }
  expect([...zipEntries(archive, 2 ** 40, 10)]).toEqual([]);
  expect(readLocalHeader(archive, 2 ** 60)).toBeNull();
});

describe("numbers beyond 32 bits", () => {
  test("stand in an extra field, those alone that do not fit", () => {
    const entry = Buffer.from(archive.subarray(start, start + 46 + 5));
    entry.writeUInt32LE(zip64, 24);
    entry.writeUInt32LE(zip64, 42);
    const extra = Buffer.alloc(4 + 2 + 4 + 16);
    extra.writeUInt16LE(0x5455, 0); // an extra field of another type, two bytes long
    extra.writeUInt16LE(2, 2);
    extra.writeUInt16LE(1, 6);
    extra.writeUInt16LE(16, 8);
    extra.writeBigUInt64LE(5n * 2n ** 32n, 10);
    extra.writeBigUInt64LE(6n * 2n ** 32n, 18);
    entry.writeUInt16LE(extra.length, 30);
    const [found] = [...zipEntries(Buffer.concat([entry, extra]), 0, 10)];
    expect(found).toMatchObject({ packedBytes: 4, bytes: 5 * 2 ** 32, headerOffset: 6 * 2 ** 32 });
    const [cut] = [...zipEntries(Buffer.concat([entry, extra.subarray(0, 17)]), 0, 10)];
    expect(cut).toMatchObject({ bytes: zip64, headerOffset: zip64 });
  });

  test("place the directory by a record of their own", () => {
    expect(directoryStart(archive, end)).toBe(start);
    expect(directoryStart(changed([end + 16, end + 1]), end)).toBe(-1);
    expect(directoryStart(changed([end + 16, zip64]), end)).toBe(-1);
    const record = Buffer.alloc(56);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(BigInt(start), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(end), 8);
    const far = Buffer.concat([
      archive.subarray(0, end),
      record,
      locator,
      changed([end + 16, zip64]).subarray(end),
    ]);
    expect(directoryStart(far, end + 76)).toBe(start);
    far.writeBigUInt64LE(2n ** 63n, end + 48);
    expect(directoryStart(far, end + 76)).toBe(-1);
  });
});
