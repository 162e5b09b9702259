/**
 * @file Pickle files in a model's folder are reported but never loaded; other files and other kinds of models are
 * ignored.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { inspectModelFolder } from "./model-pickles.ts";

test("a pickle that calls the system is named with its import, a harmless one noted", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-pickles-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "args.bin"), "cos\nsystem\n(S'true'\ntR.", "latin1");
  await writeFile(join(folder, "plain.pkl"), Buffer.from([0x80, 2, 0x7d, 0x2e])); // an empty dictionary
  await writeFile(join(folder, "model.safetensors"), "no pickle");
  const found = await inspectModelFolder(folder);
  expect(found.map(({ finding }) => [finding.code, finding.severity])).toEqual([
    ["MODEL_PICKLE_UNSAFE", "warning"],
    ["MODEL_PICKLE", "note"],
  ]);
  expect(found[0]?.finding.detail).toContain("os.system");
});

test("a model that is no folder has none", async () => {
  expect(await inspectModelFolder("owner/name")).toEqual([]);
});
