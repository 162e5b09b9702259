/**
 * @file Artifacts in a folder: whole or not at all, inside it or not at all.
 */
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { artifactKey } from "./artifact-key.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { folderArtifacts } from "./folder-artifacts.ts";

async function store(): Promise<{ root: string; artifacts: ArtifactStore }> {
  const root = join(await temporaryFolder(), "artifacts");
  let count = 0;
  return { root, artifacts: folderArtifacts(root, () => String(count++)) };
}

test("a file comes back as it went in, whole and in parts", async () => {
  const { artifacts } = await store();
  expect(await artifacts.put("a/b.txt", Readable.from([Buffer.from("hello "), Buffer.from("world")]))).toBe(
    11,
  );
  const whole = await artifacts.open("a/b.txt");
  expect([whole?.bytes, whole && (await text(whole.content))]).toEqual([11, "hello world"]);
  const part = await artifacts.open("a/b.txt", { from: 6, to: 9 });
  expect(part && (await text(part.content))).toBe("wor");
  expect(await artifacts.list("")).toEqual([{ name: "a", isFolder: true, bytes: 0 }]);
  expect(await artifacts.list("a")).toEqual([{ name: "b.txt", isFolder: false, bytes: 11 }]);
  expect([await artifacts.size("a"), await artifacts.size("c"), await artifacts.open("c")]).toEqual([
    null,
    null,
    null,
  ]);
  expect([await artifacts.remove("a"), await artifacts.remove("a"), await artifacts.list("a")]).toEqual([
    true,
    false,
    [],
  ]);
});

test("what breaks off leaves the file that was there, and nothing else", async () => {
  const { root, artifacts } = await store();
  await artifacts.put("a.txt", Readable.from([Buffer.from("before")]));
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("half");
      throw new Error("gone");
    })(),
  );
  await expect(artifacts.put("a.txt", broken)).rejects.toMatchObject({ code: "ARTIFACT_STORE_FAILED" });
  const kept = await artifacts.open("a.txt");
  expect(kept && (await text(kept.content))).toBe("before");
  expect(await readdir(root)).toEqual(["a.txt"]);
});

test("a folder in the way and a link to elsewhere are no places for a file", async () => {
  const { root, artifacts } = await store();
  await mkdir(join(root, "folder"), { recursive: true });
  await writeFile(join(root, "..", "secret"), "secret");
  await symlink("..", join(root, "up"));
  const put = (key: string): Promise<number> => artifacts.put(key, Readable.from([Buffer.from("x")]));
  for (const key of ["folder", "up/new"]) {
    await expect(put(key)).rejects.toMatchObject({ code: "ARTIFACT_STORE_FAILED" });
  }
  expect([await artifacts.open("up/secret"), await artifacts.size("up/secret")]).toEqual([null, null]);
  expect(await artifacts.remove("up/secret")).toBe(false);
});

test.each([
  ["a", "a"],
  ["a/b c/ü.bin", "a/b c/ü.bin"],
  ["..a/b..", "..a/b.."],
  ["", null],
  ["..", null],
  ["a/../b", null],
  ["./a", null],
  ["/a", null],
  ["a/", null],
  ["a//b", null],
  ["a\\b", null],
  ["C:/a", null],
  ["a\0", null],
  ["a\nb", null],
  ["a#b", null],
  ["a?b", null],
  ["%2e%2e/a", null],
  [" a", null],
  ["x".repeat(256), null],
  [Array(1100).fill("a").join("/"), null],
])("the key of %j", (path, key) => expect(artifactKey(path)).toBe(key));
