/** @file The folder of a run, its name, and atomic file writes. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failingDisk, temporaryFolder } from "../../../test/support/track-disk.ts";
import {
  createRunFolder,
  isRunId,
  makeRunId,
  removeDrafts,
  runFolderAt,
  writeWholeFile,
} from "./run-folder.ts";

const id = "20261124-204512-tickets-7f3a";
const content = { recipeText: "model: x # mine\n", configuration: '{"a":1}' };

describe("createRunFolder", () => {
  it("makes the folder below runs/", async () => {
    const output = join(await temporaryFolder(), "deep", "output");
    const folder = await createRunFolder(output, id, content);
    expect(folder).toEqual(runFolderAt(join(output, "runs", id)));
    expect((await readdir(folder.path)).sort()).toEqual(["checkpoints", "configuration.json", "recipe.yaml"]);
    expect(await readFile(folder.recipe, "utf8")).toBe(content.recipeText);
    expect(await readFile(folder.configuration, "utf8")).toBe(content.configuration);
  });

  it("never writes over a run", async () => {
    const output = await temporaryFolder();
    const folder = await createRunFolder(output, id, content);
    await expect(createRunFolder(output, id, content)).rejects.toMatchObject({
      code: "RUN_EXISTS",
      fix: `tunewise resume ${id}`,
    });
    expect(await readFile(folder.recipe, "utf8")).toBe(content.recipeText);
  });

  it("says why it could not", async () => {
    const output = await temporaryFolder();
    await writeFile(join(output, "runs"), "a file in the way");
    await expect(createRunFolder(output, id, content)).rejects.toMatchObject({
      code: "RUN_FILE_WRITE_FAILED",
    });
    const full = failingDisk(1, "full");
    await expect(createRunFolder(join(output, "b"), id, content, full)).rejects.toThrow(/no space left/);
  });
});

describe("removeDrafts", () => {
  it("removes what a kill left of files that were being written, and nothing else", async () => {
    const folder = await createRunFolder(await temporaryFolder(), id, content);
    await mkdir(join(folder.adapter, ".writing-adapter_model.safetensors-a1B2c3"), { recursive: true });
    await writeFile(join(folder.adapter, "adapter_model.safetensors"), "whole");
    await writeFile(join(folder.adapter, ".writing-adapter_model.safetensors-a1B2c3", "part"), "half");
    await writeFile(join(folder.path, ".writing-origin.json-1"), "half");
    await removeDrafts(folder);
    const left = (await readdir(folder.path, { recursive: true })).sort();
    const whole = ["adapter", join("adapter", "adapter_model.safetensors"), "checkpoints"];
    expect(left).toEqual([...whole, "configuration.json", "recipe.yaml"]);
  });

  it("fails for no draft that stays", async () => {
    const folder = await createRunFolder(await temporaryFolder(), id, content);
    await writeFile(join(folder.path, ".writing-origin.json-1"), "half");
    await removeDrafts(folder, failingDisk(1, "killed"));
    await removeDrafts(folder);
    expect(await readdir(folder.path)).not.toContain(".writing-origin.json-1");
  });
});

const now = new Date("2026-11-24T20:45:12.345Z");
const cases: [string, number, string][] = [
  ["tickets", 0x7f3a / 0x10000, "20261124-204512-tickets-7f3a"],
  ["tickets", 0, "20261124-204512-tickets-0000"],
  ["tickets", 0.99999999, "20261124-204512-tickets-ffff"],
  ["My Tickets, v2", 0, "20261124-204512-my-tickets-v2-0000"],
  ["../../etc/passwd", 0, "20261124-204512-etc-passwd-0000"],
  ["Éclair", 0, "20261124-204512-e-clair-0000"],
  ["", 0, "20261124-204512-run-0000"],
  ["日本", 0, "20261124-204512-run-0000"],
  ["x".repeat(1000), 0, `20261124-204512-${"x".repeat(40)}-0000`],
  [`${"x".repeat(39)}-y`, 0, `20261124-204512-${"x".repeat(39)}-0000`],
];

describe("makeRunId", () => {
  it.each(cases)("%s", (name, random, expected) => {
    const id = makeRunId(name, now, random);
    expect(id).toBe(expected);
    expect(isRunId(id)).toBe(true);
  });
});

describe("isRunId", () => {
  it.each(["", "..", "20261124-204512-a/b-0000", "20261124-204512--0000", "20261124-204512-a-00G0", "a\n"])(
    "refuses %j",
    (text) => {
      expect(isRunId(text)).toBe(false);
    },
  );
});

it("words a folder that is missing and a disk that is full", async () => {
  const folder = await temporaryFolder();
  await expect(writeWholeFile(join(folder, "no", "a.txt"), "x")).rejects.toThrow(
    /Could not write .*a\.txt: no such file or folder\. Its previous content is unchanged\./,
  );
  await expect(writeWholeFile(join(folder, "a.txt"), "x", failingDisk(1, "full"))).rejects.toThrow(
    /no space left on the disk/,
  );
});
