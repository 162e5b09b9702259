/** @file Artifacts in a folder: writes are atomic, and no path leads out of the folder. */
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { streamOf, testArtifactPort, text } from "../../../../test/support/artifact-port.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { artifactKey, plainKey } from "./artifact-store.ts";
import { folderArtifacts } from "./folder-artifacts.ts";

async function store(): Promise<{ root: string; artifacts: ReturnType<typeof folderArtifacts> }> {
  const root = join(await temporaryFolder(), "artifacts");
  let count = 0;
  return { root, artifacts: folderArtifacts(root, () => String(count++)) };
}

describe("a key", () => {
  test.each([
    ...[
      "a",
      "0/run/artifacts/model.bin",
      "Modell ü.txt",
      "a.b/..c",
      " a",
      "a ",
      "a.",
      "a?b",
      "a#b",
      "a:b",
      "a\nb",
    ],
    ...["img%step%3%timestamp%1.png", 'a*b"c<d>e|f', "100%", "x".repeat(2000), "%41", "..."],
  ])("%j may be named", (path) => {
    expect(artifactKey(path)).toBe(path);
  });

  test.each([
    ...["", "/etc/passwd", "..", "a/../b", "./a", "a//b", "a/", "a/./b", "..\\a", "a\\..\\b", "C:/a", "a\0b"],
    ...["%2e%2e/b", "a/%252E%252e%252fb", "%2fetc/passwd", "a/%2e%2e%5cb", "..%2fb", "a/.. /b", "\ud800"],
    ...["file:///etc", "dbfs:/x", "file%3A/etc", "x".repeat(2049), `${"a/".repeat(2000)}b`],
  ])("%j may not", (path) => {
    expect(artifactKey(path)).toBeNull();
  });

  test("a plain one has no letters that an address gives a meaning", () => {
    expect(["a/Modell ü.txt", "a.", "a b"].map(plainKey)).toEqual(["a/Modell ü.txt", "a.", "a b"]);
    for (const path of ["a%b", "a#b", "a?b", "a:b", " a", "a ", "a/../b", "x".repeat(256)])
      expect(plainKey(path), path).toBeNull();
  });
});

testArtifactPort("a folder", true, async () => (await store()).artifacts);

test("an upload that breaks off leaves what was there before, and no rest of itself", async () => {
  const { root, artifacts } = await store();
  await artifacts.put("r/a.txt", Readable.from([Buffer.from("before")]));
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("half");
      throw new Error("gone");
    })(),
  );
  await expect(artifacts.put("r/a.txt", broken)).rejects.toMatchObject({ code: "ARTIFACT_STORE_FAILED" });
  expect(await readFile(join(root, "r/a.txt"), "utf8")).toBe("before");
  expect(await readdir(join(root, "r"))).toEqual(["a.txt"]);
});

test("links in the folder lead nowhere", async () => {
  const { root, artifacts } = await store();
  const outside = await temporaryFolder();
  await writeFile(join(outside, "secret"), "secret");
  await mkdir(join(root, "r"), { recursive: true });
  await symlink(outside, join(root, "r", "out"));
  await symlink(join(outside, "secret"), join(root, "r", "file"));
  expect(await artifacts.open("r/out/secret")).toBeNull();
  expect(await artifacts.open("r/file")).toBeNull();
  expect(await artifacts.list("r/out")).toEqual([]);
  expect(await artifacts.list("r")).toEqual([]);
  expect(await artifacts.remove("r/out/secret")).toBe(false);
  await expect(artifacts.put("r/out/new", Readable.from([Buffer.from("x")]))).rejects.toMatchObject({
    code: "ARTIFACT_STORE_FAILED",
  });
  expect(await readFile(join(outside, "secret"), "utf8")).toBe("secret");
});

test("files that lie under their own names are found, listed, replaced and removed", async () => {
  const { root, artifacts } = await store();
  for (const name of ["a.", "aux.txt", "b:c", "d%20e", "f%st"]) {
    await mkdir(join(root, name), { recursive: true });
    await writeFile(join(root, name, name), "old");
  }
  for (const name of ["a.", "aux.txt", "b:c", "d%20e", "f%st"]) {
    expect(
      (await artifacts.list(name)).map((entry) => entry.name),
      name,
    ).toEqual([name]);
    expect(await text((await artifacts.open(`${name}/${name}`))?.content)).toBe("old");
    await artifacts.put(`${name}/${name}`, streamOf("new"));
    await artifacts.put(`${name}/?`, streamOf("new"));
    expect(await readFile(join(root, name, name), "utf8")).toBe("new");
    expect((await readdir(join(root, name))).sort()).toEqual(["%3F", name].sort());
    expect(await artifacts.remove(`${name}/${name}`)).toBe(true);
    expect(await artifacts.size(`${name}/${name}`)).toBeNull();
  }
});

test("where the file system folds the case of names, the second one is written without capitals", async () => {
  const root = join(await temporaryFolder(), "artifacts");
  let count = 0;
  const artifacts = folderArtifacts(root, () => String(count++), { foldsCase: true });
  const names = ["Model.bin", "model.bin", "MODEL.bin", "Ä/x", "ä/x", "L".repeat(300), "l".repeat(300)];
  for (const name of names) await artifacts.put(`r/${name}`, streamOf(name));
  for (const name of names) expect(await text((await artifacts.open(`r/${name}`))?.content)).toBe(name);
  expect((await artifacts.list("r")).map((entry) => entry.name)).toEqual(
    [...new Set(names.map((name) => name.split("/")[0]))].sort(),
  );
  const lying = await readdir(join(root, "r"));
  expect(new Set(lying.map((name) => name.toLowerCase())).size).toBe(lying.length);
  expect(lying).toContain("Model.bin");
  expect(await artifacts.size("r/MODEL.BIN")).toBeNull();
  for (const name of names) expect(await artifacts.remove(`r/${name.split("/")[0]}`)).toBe(true);
  expect(await readdir(join(root, "r"))).toEqual([]);
});

test("a file is no folder, and a folder no file", async () => {
  const { root, artifacts } = await store();
  await artifacts.put("r/a/b", streamOf("x"));
  await expect(artifacts.put("r/a", streamOf("y"))).rejects.toMatchObject({ code: "ARTIFACT_PATH_TAKEN" });
  await expect(artifacts.put("r/a/b/c", streamOf("y"))).rejects.toMatchObject({
    code: "ARTIFACT_PATH_TAKEN",
  });
  expect([await artifacts.size("r/a/b/c"), await artifacts.remove("r/a/b/c")]).toEqual([null, false]);
  expect(await readdir(join(root, "r", "a"))).toEqual(["b"]);
  const deep = `${"d/".repeat(1000)}x`;
  const long = folderArtifacts(join(root, "x".repeat(200), ...Array(10).fill("y".repeat(200))), () => "1");
  await expect(long.put(deep, streamOf("y"))).rejects.toMatchObject({ code: "ARTIFACT_PATH_TOO_LONG" });
});
