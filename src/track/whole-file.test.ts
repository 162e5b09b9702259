/** @file A whole file is the old one or the new one, whichever operation fails. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failingDisk, temporaryFolder } from "../../test/support/track-disk.ts";
import { TunewiseError } from "../problem/index.ts";
import { writeWholeFile } from "./whole-file.ts";

describe("writeWholeFile", () => {
  it("writes and replaces", async () => {
    const folder = await temporaryFolder();
    await writeWholeFile(join(folder, "a.txt"), "one");
    await writeWholeFile(join(folder, "a.txt"), new TextEncoder().encode("two"));
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("two");
    expect(await readdir(folder)).toEqual(["a.txt"]);
  });

  it.each(["once", "full", "killed"] as const)(
    "leaves a whole file when the disk fails: %s",
    async (failure) => {
      for (let at = 1; at <= 3; at++) {
        const folder = await temporaryFolder();
        const path = join(folder, "a.txt");
        await writeWholeFile(path, "old");
        const disk = failingDisk(at, failure);
        const error: unknown = await writeWholeFile(path, "new", disk).catch((thrown: unknown) => thrown);
        // On a full disk a rename still works, so only the first operation fails there.
        const fails = failure !== "full" || at === 1;
        expect(TunewiseError.is(error) ? error.code : error).toBe(
          fails ? "RUN_FILE_WRITE_FAILED" : undefined,
        );
        expect(["old", "new"]).toContain(await readFile(path, "utf8"));
        await writeWholeFile(path, "newer");
        expect(await readFile(path, "utf8")).toBe("newer");
      }
    },
  );

  it("names a folder that is missing", async () => {
    const folder = await temporaryFolder();
    await expect(writeWholeFile(join(folder, "no", "a.txt"), "x")).rejects.toThrow(
      /Could not write .*a\.txt: no such file or folder\. What was there before is unchanged\./,
    );
  });
});
