/** @file Artifacts in a folder: whole files, no way out of the folder. */
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { testArtifactPort } from "../../../test/support/artifact-port.ts";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { artifactKey } from "./artifact-store.ts";
import { folderArtifacts } from "./folder-artifacts.ts";

async function store(): Promise<{ root: string; artifacts: ReturnType<typeof folderArtifacts> }> {
  const root = join(await temporaryFolder(), "artifacts");
  let count = 0;
  return { root, artifacts: folderArtifacts(root, () => String(count++)) };
}

describe("a key", () => {
  test.each(["a", "0/run/artifacts/model.bin", "Modell ü.txt", "a.b/..c"])("%s may be named", (path) => {
    expect(artifactKey(path)).toBe(path);
  });

  test.each([
    ...[
      "",
      "/etc/passwd",
      "..",
      "a/../b",
      "./a",
      "a//b",
      "a/",
      "a/./b",
      "..\\a",
      "a\\..\\b",
      "C:/a",
      "C:a",
      "a\0b",
    ],
    ...[
      "a\nb",
      "a#b",
      "a?b",
      "a%2e%2e/b",
      "file:///etc",
      "dbfs:/x",
      " a",
      "a ",
      "x".repeat(300),
      `${"a/".repeat(2000)}b`,
    ],
  ])("%j may not", (path) => {
    expect(artifactKey(path)).toBeNull();
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
