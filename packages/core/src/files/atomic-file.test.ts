/** @file A replaced file has either its old or its new content, whichever operation fails. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failingDisk, temporaryFolder } from "../../../../test/support/track-disk.ts";
import { removeDraftsOf, replaceFile } from "./atomic-file.ts";
import { disk, errorCode, writeAll } from "./file-operations.ts";

describe("replaceFile", () => {
  it("writes and replaces", async () => {
    const folder = await temporaryFolder();
    await replaceFile(join(folder, "a.txt"), "one");
    await replaceFile(join(folder, "a.txt"), new TextEncoder().encode("two"));
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("two");
    expect(await readdir(folder)).toEqual(["a.txt"]);
  });

  it.each(["once", "full", "killed"] as const)(
    "leaves a whole file when the disk fails: %s",
    async (failure) => {
      for (let at = 1; at <= 3; at++) {
        const folder = await temporaryFolder();
        const path = join(folder, "a.txt");
        await replaceFile(path, "old");
        const failing = failingDisk(at, failure);
        const error: unknown = await replaceFile(path, "new", failing).catch((thrown: unknown) => thrown);
        // On a full disk a rename still works, so only the first operation fails there.
        const fails = failure !== "full" || at === 1;
        expect(errorCode(error)).toBe(fails ? "ENOSPC" : "");
        expect(["old", "new"]).toContain(await readFile(path, "utf8"));
        await replaceFile(path, "newer");
        expect(await readFile(path, "utf8")).toBe("newer");
      }
    },
  );

  it("fails where the folder is missing", async () => {
    const folder = await temporaryFolder();
    await expect(replaceFile(join(folder, "no", "a.txt"), "x")).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("lets two writers replace one file at the same time, and leaves nothing beside it", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.bin");
    async function* pieces(byte: number): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 20; at++) {
        await new Promise((done) => setTimeout(done, 1));
        yield new Uint8Array(1000).fill(byte);
      }
    }
    await Promise.all([1, 2, 3].map((byte) => replaceFile(path, pieces(byte))));
    const found = await readFile(path);
    expect([found.length, new Set(found).size]).toEqual([20_000, 1]);
    expect(await readdir(folder)).toEqual(["a.bin"]);
  });

  it("fails for none of many writers that replace one file again and again", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "settled.json");
    const writer = async (name: number): Promise<void> => {
      for (let round = 0; round < 25; round++) await replaceFile(path, `${name}`.repeat(100));
    };
    await Promise.all([1, 2, 3, 4].map(writer));
    expect(await readFile(path, "utf8")).toMatch(/^(\d)\1{99}$/);
    expect(await readdir(folder)).toEqual(["settled.json"]);
  });

  it("does not write into the draft that a killed writer left", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.txt");
    await writeFile(join(folder, ".writing-a.txt-1"), "half");
    await replaceFile(path, "whole");
    expect(await readFile(path, "utf8")).toBe("whole");
    expect(await readdir(folder)).toEqual([".writing-a.txt-1", "a.txt"]);
    await writeFile(join(folder, ".writing-a.txt.gz-1"), "of another file");
    await removeDraftsOf(path);
    expect(await readdir(folder)).toEqual([".writing-a.txt.gz-1", "a.txt"]);
  });

  it("keeps the draft of another writer when its own folder cannot be synced", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.txt");
    const unsynced = {
      ...disk,
      syncFolder: async () => {
        await writeFile(join(folder, ".writing-a.txt-1"), "of another writer");
        throw Object.assign(new Error("EIO"), { code: "EIO" });
      },
    };
    await expect(replaceFile(path, "new", unsynced)).rejects.toMatchObject({ code: "EIO" });
    expect(await readdir(folder)).toEqual([".writing-a.txt-1", "a.txt"]);
  });
});

describe("writing all bytes", () => {
  /** Accepts at most three bytes per call, as a disk that is filling up may do. */
  function slow(content: number[]) {
    return {
      write: async (bytes: Uint8Array, from: number, length: number, position: number | null) => {
        const taken = bytes.subarray(from, from + Math.min(3, length));
        content.splice(position ?? content.length, taken.length, ...taken);
        return { bytesWritten: taken.length, buffer: bytes };
      },
    } as unknown as Parameters<typeof writeAll>[0];
  }

  it("goes on where a call took a part", async () => {
    const content: number[] = [];
    await writeAll(slow(content), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(content).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await writeAll(slow(content), Uint8Array.of(9, 9, 9, 9), 2);
    expect(content).toEqual([1, 2, 9, 9, 9, 9, 7, 8]);
    await writeAll(slow(content), new Uint8Array(0));
    expect(content).toHaveLength(8);
  });
});
