/** @file The run folder: made once, with recipe and configuration in it. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failingDisk, temporaryFolder } from "../../test/support/track-disk.ts";
import { createRunFolder, removeDrafts, runFolderAt } from "./run-folder.ts";

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
    await writeFile(join(folder.path, ".writing-origin.json"), "half");
    await removeDrafts(folder);
    const left = (await readdir(folder.path, { recursive: true })).sort();
    const whole = ["adapter", join("adapter", "adapter_model.safetensors"), "checkpoints"];
    expect(left).toEqual([...whole, "configuration.json", "recipe.yaml"]);
  });

  it("fails for no draft that stays", async () => {
    const folder = await createRunFolder(await temporaryFolder(), id, content);
    await writeFile(join(folder.path, ".writing-origin.json"), "half");
    await removeDrafts(folder, failingDisk(1, "killed"));
    await removeDrafts(folder);
    expect(await readdir(folder.path)).not.toContain(".writing-origin.json");
  });
});
