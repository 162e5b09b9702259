/** @file A missing file gives `null`; an unreadable file throws. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { hashOf } from "./file-hash.ts";

test("a file has its size and hash, a missing one has none", async () => {
  const path = join(await temporaryFolder(), "report.md");
  expect(await hashOf(path)).toBeNull();
  await writeFile(path, "abc");
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await hashOf(path)).toEqual({ bytes: 3, sha256 });
});

test("what is there and cannot be read is an error, not an artifact less", async () => {
  const path = join(await temporaryFolder(), "report.md");
  await mkdir(path);
  await expect(hashOf(path)).rejects.toMatchObject({ code: "RUN_FILE_UNREADABLE" });
});
