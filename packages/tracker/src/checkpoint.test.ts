/** @file Checkpoints: saved, retained, deleted and found again, and intact after any failure. */
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Failure, failingDisk, temporaryFolder } from "../../../test/support/track-disk.ts";
import { findCheckpoint, listCheckpoints } from "./checkpoint-load.ts";
import { type CheckpointOwner, manifestLimits } from "./checkpoint-manifest.ts";
import { type CheckpointRequest, dropCheckpointsAfter, saveCheckpoint } from "./checkpoint-save.ts";

const owner: CheckpointOwner = { run: "one", model: "m", data: "d", recipe: "r" };

/** A checkpoint whose files contain its step and version. */
function request(
  step: number,
  more: Partial<CheckpointRequest> & { version?: string } = {},
): CheckpointRequest {
  const write = async (folder: string): Promise<void> => {
    await writeFile(join(folder, "adapter.safetensors"), new Float32Array(1000).fill(step));
    await writeFile(join(folder, "moments.bin"), more.version ?? "first");
  };
  return { step, write, owner, info: { loss: step / 10 }, keepLast: 2, keepStep: null, ...more };
}

async function checkpoints(): Promise<string> {
  return join(await temporaryFolder(), "20261124-204512-tickets-7f3a", "checkpoints");
}

async function stepsIn(folder: string): Promise<number[]> {
  return (await listCheckpoints(folder)).map((entry) => entry.step);
}

describe("saveCheckpoint", () => {
  it("saves files, hashes and info, and finds them", async () => {
    const folder = await checkpoints();
    const saved = await saveCheckpoint(folder, request(50));
    expect(saved).toEqual({ step: 50, path: join(folder, "step-000050"), bytes: 4005, dropped: [] });
    expect(await findCheckpoint(folder)).toEqual({
      step: 50,
      path: saved.path,
      info: { loss: 5 },
      findings: [],
    });
    expect(await readFile(join(saved.path, "moments.bin"), "utf8")).toBe("first");
    expect(await readdir(folder)).toEqual(["step-000050"]);
  });

  it("keeps the last ones and the best", async () => {
    const folder = await checkpoints();
    for (const step of [10, 20, 30]) await saveCheckpoint(folder, request(step));
    expect(await stepsIn(folder)).toEqual([30, 20]);
    await saveCheckpoint(folder, request(40, { keepStep: 20 }));
    const saved = await saveCheckpoint(folder, request(50, { keepStep: 20, keepLast: 0 }));
    expect(saved.dropped).toEqual([40, 30]);
    expect(await stepsIn(folder)).toEqual([50, 20]);
  });

  it("replaces the checkpoint of the same step", async () => {
    const folder = await checkpoints();
    await saveCheckpoint(folder, request(10));
    const { path } = await saveCheckpoint(folder, request(10, { version: "second" }));
    expect(await readFile(join(path, "moments.bin"), "utf8")).toBe("second");
    expect(await readdir(folder)).toEqual(["step-000010"]);
  });

  it("passes on a writer's failure and removes its half", async () => {
    const folder = await checkpoints();
    await saveCheckpoint(folder, request(10));
    const write = async (draft: string): Promise<void> => {
      await writeFile(join(draft, "adapter.safetensors"), "half");
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    };
    await expect(saveCheckpoint(folder, request(20, { write }))).rejects.toMatchObject({
      code: "CHECKPOINT_WRITE_FAILED",
      fix: `free some space in ${folder}, then: tunewise resume 20261124-204512-tickets-7f3a`,
      message: expect.stringContaining("no space left on the disk. The earlier checkpoints are intact."),
    });
    expect(await readdir(folder)).toEqual(["step-000010"]);
  });

  it("refuses files with odd names", async () => {
    const folder = await checkpoints();
    for (const name of ["manifest.json", ".hidden"]) {
      const write = (draft: string): Promise<void> => writeFile(join(draft, name), "x");
      await expect(saveCheckpoint(folder, request(20, { write }))).rejects.toThrow(
        /may not hold a file named/,
      );
    }
  });

  const failures: [Failure, boolean][] = [
    ["once", false],
    ["full", false],
    ["killed", false],
    ["once", true],
    ["full", true],
    ["killed", true],
  ];
  it.each(failures)(
    "leaves a whole checkpoint wherever the disk fails (%s, same step %s)",
    async (failure, same) => {
      const step = same ? 20 : 30;
      const all = failingDisk(Number.POSITIVE_INFINITY, "once");
      const once = await checkpoints();
      for (const earlier of [10, 20]) await saveCheckpoint(once, request(earlier));
      await saveCheckpoint(once, request(step, { version: "second" }), all);
      expect(all.count()).toBeGreaterThan(10);
      for (let at = 1; at <= all.count(); at++) {
        const folder = await checkpoints();
        for (const earlier of [10, 20]) await saveCheckpoint(folder, request(earlier));
        const again = request(step, { version: "second" });
        await saveCheckpoint(folder, again, failingDisk(at, failure)).catch(() => undefined);
        const found = await findCheckpoint(folder);
        expect(found?.findings).toEqual([]);
        expect([20, 30]).toContain(found?.step);
        // The next save succeeds and leaves nothing behind.
        await saveCheckpoint(folder, request(40));
        expect((await findCheckpoint(folder))?.step).toBe(40);
        expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
      }
    },
    60_000,
  );
});

describe("dropCheckpointsAfter", () => {
  it("leaves the checkpoints up to a step, and brings nothing back that was moved aside", async () => {
    const folder = await checkpoints();
    for (const step of [0, 10, 20, 30]) await saveCheckpoint(folder, request(step, { keepLast: 9 }));
    await mkdir(join(folder, ".replaced-step-000030"));
    await dropCheckpointsAfter(folder, 10);
    expect((await readdir(folder)).sort()).toEqual(["step-000000", "step-000010"]);
    await dropCheckpointsAfter(folder, -1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("drops the newest first, whenever the process ends", async () => {
    const seen = new Set<string>();
    for (let at = 1; at <= 12; at++) {
      const folder = await checkpoints();
      for (const step of [10, 20, 30]) await saveCheckpoint(folder, request(step, { keepLast: 9 }));
      const dropping = dropCheckpointsAfter(folder, 10, failingDisk(at, "killed"));
      await dropping.catch((error) => expect(error).toMatchObject({ code: "CHECKPOINT_WRITE_FAILED" }));
      seen.add((await stepsIn(folder)).join());
    }
    expect([...seen].sort()).toEqual(["10", "20,10", "30,20,10"]);
  });
});

describe("findCheckpoint", () => {
  const damages: [string, (path: string) => Promise<void>, string][] = [
    ["a cut file", (path) => truncate(join(path, "moments.bin"), 3), "moments.bin has 3 bytes instead of 5"],
    [
      "changed content",
      (path) => writeFile(join(path, "moments.bin"), "fIrst"),
      "content of moments.bin has changed",
    ],
    ["a missing file", (path) => rm(join(path, "moments.bin")), "no such file or folder"],
    ["a missing manifest", (path) => rm(join(path, "manifest.json")), "no such file or folder"],
    ["a cut manifest", (path) => truncate(join(path, "manifest.json"), 30), "its manifest is not JSON"],
    [
      "another format",
      (path) => manifest(path, { format_version: 3 }),
      "its manifest is not one of format 1",
    ],
    ["another step", (path) => manifest(path, { step: 19 }), "its manifest says step 19"],
    [
      "a path that leads out",
      (path) => manifest(path, { files: [leadsOut] }),
      "its manifest is not one of format 1",
    ],
    ["too many files", (path) => manifest(path, { files: Array(1001).fill(0) }), "is not one of format 1"],
    [
      "a huge manifest",
      // a sparse file, which takes no space on the disk
      (path) => truncate(join(path, "manifest.json"), manifestLimits.bytesRead + 1),
      "is too large",
    ],
  ];
  const leadsOut = { name: "../../lock", bytes: 1, sha256: "0".repeat(64) };

  it.each(damages)("passes over %s and says so", async (_, damage, reason) => {
    const folder = await checkpoints();
    for (const step of [10, 20]) await saveCheckpoint(folder, request(step));
    await damage(join(folder, "step-000020"));
    const found = await findCheckpoint(folder);
    expect(found?.step).toBe(10);
    expect(found?.findings).toMatchObject([{ code: "CHECKPOINT_PASSED_OVER", severity: "warning" }]);
    expect(found?.findings[0]?.detail).toContain(reason);
    await damage(join(folder, "step-000010"));
    await expect(findCheckpoint(folder)).rejects.toMatchObject({
      code: "CHECKPOINT_BROKEN",
      params: { count: 2 },
    });
  });

  it.each([
    ["run", "it belongs to run another"],
    ["model", "its model is another one"],
    ["data", "its training data is another one"],
    ["recipe", "its recipe is another one"],
  ])("passes over one whose %s is another", async (key, reason) => {
    const folder = await checkpoints();
    await saveCheckpoint(folder, request(10));
    await saveCheckpoint(folder, request(20, { owner: { ...owner, [key]: "another" } }));
    expect((await findCheckpoint(folder))?.step).toBe(20);
    const found = await findCheckpoint(folder, { owner });
    expect(found?.step).toBe(10);
    expect(found?.findings.map(({ code, detail }) => [code, detail.includes(reason)])).toEqual([
      ["CHECKPOINT_PASSED_OVER", true],
    ]);
    const other = { ...owner, run: "third" };
    await expect(findCheckpoint(folder, { owner: other })).rejects.toMatchObject({
      code: "CHECKPOINT_BROKEN",
    });
  });

  it("passes over one that its reader cannot take in", async () => {
    const folder = await checkpoints();
    await saveCheckpoint(folder, request(10));
    await saveCheckpoint(folder, request(20));
    const refuse = async ({ step }: { step: number }): Promise<string | null> =>
      step === 20 ? "its rank is 8, and 4 is wanted" : null;
    const found = await findCheckpoint(folder, { refuse });
    expect([found?.step, found?.findings[0]?.detail]).toEqual([
      10,
      "Checkpoint step-000020 cannot be used (its rank is 8, and 4 is wanted); the one before it is used.",
    ]);
  });

  it("passes over one whose info was changed", async () => {
    const folder = await checkpoints();
    await saveCheckpoint(folder, request(10));
    const { path } = await saveCheckpoint(folder, request(20));
    await manifest(path, { info: { loss: 0 } });
    expect((await findCheckpoint(folder))?.findings[0]?.detail).toContain("its info has changed");
  });

  it("opens one of format 1, also with the curves of a million steps in its manifest", async () => {
    const folder = await checkpoints();
    const { path } = await saveCheckpoint(folder, request(10));
    const curve = Array.from({ length: 100_000 }, (_, at) => [at + 1, 2.123456789]);
    await manifest(path, { format_version: 1, owner: undefined, info: { train: curve } });
    expect((await findCheckpoint(folder, { owner }))?.step).toBe(10);
    expect(1_000_000 * 66).toBeLessThan(manifestLimits.bytesRead);
  });

  it("never writes a manifest that it would not read", async () => {
    const folder = await checkpoints();
    await saveCheckpoint(folder, request(10));
    expect(manifestLimits.bytesWritten).toBeLessThanOrEqual(manifestLimits.bytesRead);
    const room = manifestLimits.bytesWritten - 2000;
    expect((await saveCheckpoint(folder, request(20, { info: "x".repeat(room) }))).step).toBe(20);
    expect((await findCheckpoint(folder))?.step).toBe(20);
    const tooLarge = request(30, { info: "x".repeat(manifestLimits.bytesWritten) });
    await expect(saveCheckpoint(folder, tooLarge)).rejects.toMatchObject({ code: "CHECKPOINT_WRITE_FAILED" });
    expect((await findCheckpoint(folder))?.step).toBe(20);
  });

  it("gives null where there is none", async () => {
    const folder = await checkpoints();
    expect(await findCheckpoint(folder)).toBeNull();
    await mkdir(join(folder, "something-else"), { recursive: true });
    await mkdir(join(folder, ".writing-step-000010"));
    expect(await findCheckpoint(folder)).toBeNull();
  });

  it("finds the one of a step, or the next older", async () => {
    const folder = await checkpoints();
    for (const step of [10, 20, 30]) await saveCheckpoint(folder, request(step, { keepLast: 9 }));
    expect((await findCheckpoint(folder, { step: 20 }))?.step).toBe(20);
    expect((await findCheckpoint(folder, { step: 29 }))?.step).toBe(20);
    expect(await findCheckpoint(folder, { step: 9 })).toBeNull();
  });

  it("finds one that was moved aside when the process ended between the two renames", async () => {
    const folder = await checkpoints();
    await saveCheckpoint(folder, request(10));
    await rename(join(folder, "step-000010"), join(folder, ".replaced-step-000010"));
    expect((await findCheckpoint(folder))?.step).toBe(10);
    await saveCheckpoint(folder, request(10, { version: "second" }));
    expect(await readdir(folder)).toEqual(["step-000010"]);
  });
});

async function manifest(path: string, change: object): Promise<void> {
  const file = join(path, "manifest.json");
  const value: object = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...value, ...change }));
}
