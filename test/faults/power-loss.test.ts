/**
 * A power cut loses everything that was not synced: the analysis of disk traces, and a checkpoint on a disk that does
 * not sync.
 */
import { mkdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { disk } from "@tunewise/core/files";
import { afterAll, describe, expect, test } from "vitest";
import { saveCheckpoint } from "../../packages/tracker/src/checkpoint-save.ts";
import { isChargedPath } from "../support/fault-turns.ts";
import { injectFaults, ownFolder } from "../support/faults.ts";
import { lostInPowerCut } from "../support/power-loss.ts";

const root = ownFolder("power");
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

const whole = ["open a/d", "write a/d", "sync a/d", "rename a/d > a/f", "sync a"];
const without = (line: string): string[] => whole.filter((one) => one !== line);

describe("what a power cut takes", () => {
  test.each([
    ["nothing of a file that was synced, renamed, and whose folder was synced", whole, []],
    [
      "a file that was not synced",
      without("sync a/d"),
      ["a/d was renamed to a/f before it was synced", "a/f was never synced"],
    ],
    ["a name whose folder was not synced", without("sync a"), ["the name of a/f was never synced"]],
    ["what was written after the sync", [...whole, "appendFile a/f"], ["a/f was never synced"]],
    ["nothing of a log that was synced in place", ["open a/l", "appendFile a/l", "datasync a/l"], []],
    ["nothing of what was removed", ["open a/l", "writeFile a/l", "rm a/l"], []],
    [
      "a file in a folder that was renamed",
      ["writeFile a/d/f", "rename a/d > a/e", "sync a"],
      ["a/d/f was renamed to a/e before it was synced", "a/e/f was never synced"],
    ],
  ])("%s", (_name, trace, lost) => {
    expect(lostInPowerCut(trace, () => true)).toEqual(lost);
    expect(lostInPowerCut(trace, () => false)).toEqual([]);
  });
});

describe("a checkpoint that was acknowledged", () => {
  /** Saves a checkpoint whose writer does not sync, as external programs do. */
  async function traceOf(name: string, files = disk): Promise<readonly string[]> {
    const folder = join(root, name);
    mkdirSync(folder);
    const { trace } = await injectFaults({ under: folder }, () =>
      saveCheckpoint(
        join(folder, "checkpoints"),
        {
          step: 1,
          write: async (draft) => {
            await writeFile(join(draft, "state.bin"), "weights");
          },
          owner: { run: name, model: "m", data: "d", recipe: "r" },
          info: null,
          keepLast: 1,
          keepStep: null,
        },
        files,
      ),
    );
    return trace;
  }

  test("survives", async () => {
    expect(lostInPowerCut(await traceOf("synced"), isChargedPath)).toEqual([]);
  });

  test.each([
    ["of its files", { syncFile: async () => undefined }],
    ["of its folders", { syncFolder: async () => undefined }],
  ])("is lost without the sync %s", async (name, broken) => {
    const lost = lostInPowerCut(await traceOf(name, { ...disk, ...broken }), isChargedPath);
    expect(lost.length).toBeGreaterThan(0);
  });
});
