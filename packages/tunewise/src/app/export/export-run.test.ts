import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTaken } from "@tunewise/core/files";
import type { PlannedFile } from "@tunewise/engine";
import { afterAll, expect, it } from "vitest";
import { nearestFolder, writeFolder } from "./export-run.ts";

const root = mkdtempSync(join(tmpdir(), "tunewise-target-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const signal = new AbortController().signal;

function file(path: string, ...parts: string[]): PlannedFile {
  const bytes = Buffer.byteLength(parts.join(""));
  return { path, bytes, chunks: () => parts.map((part) => Buffer.from(part)) };
}

it("writes files and folders, tells how far it is, and leaves nothing beside them", async () => {
  const told: number[] = [];
  const onBytes = (done: number): void => void told.push(done);
  await writeFolder(join(root, "new/deep"), [file("a.json", "ab", "c"), file("onnx/b", "de")], {
    signal,
    onBytes,
  });
  expect(readFileSync(join(root, "new/deep/a.json"), "utf8")).toBe("abc");
  expect(readFileSync(join(root, "new/deep/onnx/b"), "utf8")).toBe("de");
  expect(readdirSync(join(root, "new"))).toEqual(["deep"]);
  expect(told).toEqual([2, 3, 5]);
});

it("takes an empty folder that is there", async () => {
  mkdirSync(join(root, "empty"));
  await writeFolder(join(root, "empty"), [file("a", "a")], { signal });
  expect(readdirSync(join(root, "empty"))).toEqual(["a"]);
});

it("replaces files of the same names in a folder with others, and leaves those", async () => {
  const folder = join(root, "full");
  mkdirSync(join(folder, "onnx"), { recursive: true });
  writeFileSync(join(folder, "a"), "old");
  writeFileSync(join(folder, "other"), "kept");
  await writeFolder(folder, [file("a", "new"), file("onnx/b", "b")], { signal });
  expect(readdirSync(folder).sort()).toEqual(["a", "onnx", "other"]);
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("new");
  expect(readFileSync(join(folder, "other"), "utf8")).toBe("kept");
});

const broken: PlannedFile = {
  path: "z",
  bytes: 9,
  chunks: function* () {
    yield Buffer.from("half");
    throw new Error("the source is gone");
  },
};

it.each([
  ["a source that fails", broken, "the source is gone"],
  ["a file of another size than planned", { ...file("z", "12"), bytes: 3 }, "Internal: z has 2 bytes, not 3"],
])("leaves the target as it was after %s", async (_, bad, words) => {
  const folder = mkdtempSync(join(root, "before-"));
  writeFileSync(join(folder, "a"), "old");
  await expect(writeFolder(folder, [file("a", "new"), bad], { signal })).rejects.toThrow(words);
  expect(readdirSync(folder)).toEqual(["a"]);
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("old");
  const missing = join(root, "never");
  await expect(writeFolder(missing, [file("a", "new"), bad], { signal })).rejects.toThrow(words);
  expect(existsSync(missing)).toBe(false);
  expect(readdirSync(root).filter((name) => name.startsWith(".exporting"))).toEqual([]);
});

it("stops when it is interrupted", async () => {
  const stop = new AbortController();
  const files = [file("a", "1", "2", "3")];
  const writing = writeFolder(join(root, "stopped"), files, {
    signal: stop.signal,
    onBytes: () => stop.abort(),
  });
  await expect(writing).rejects.toMatchObject({ name: "AbortError" });
  expect(existsSync(join(root, "stopped"))).toBe(false);
});

it("says what is taken, and which folder's disk counts", async () => {
  expect(await isTaken(join(root, "nothing/here"))).toBe(false);
  expect(await isTaken(join(root, "full"))).toBe(true);
  expect(await isTaken(join(root, "full/a"))).toBe(true);
  expect(await isTaken(join(root, "full/a/below"))).toBe(false); // a path below a file
  expect(await nearestFolder(join(root, "full/a/b"))).toBe(join(root, "full"));
  expect(await nearestFolder(join(root, "no/such"))).toBe(root);
});
