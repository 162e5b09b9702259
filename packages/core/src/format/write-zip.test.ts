import { expect, test } from "vitest";
import { writeZip } from "./write-zip.ts";
import { findZipEnd, readLocalHeader, readZipEnd, zipEntries } from "./zip.ts";

const files = new Map([
  ["agent.py", Buffer.from("print(1)\n")],
  ["empty", Buffer.alloc(0)],
  ["größe.txt", Buffer.from("x".repeat(1000))],
]);

test("an archive holds the files under their names, and is the same for the same files", () => {
  const archive = writeZip(files);
  expect(writeZip(files)).toEqual(archive);
  const end = readZipEnd(archive, findZipEnd(archive));
  expect(end.entries).toBe(3);
  const found = [...zipEntries(archive, end.directoryOffset, 10)].map(({ name, headerOffset, bytes }) => {
    const { length = 0 } = readLocalHeader(archive, headerOffset) ?? {};
    const start = headerOffset + length;
    return [name, archive.subarray(start, start + bytes).toString()];
  });
  expect(found).toEqual([...files].map(([name, content]) => [name, content.toString()]));
});
