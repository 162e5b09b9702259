/** @file The lock of a run: living, dead and foreign holders, and competitors for a stale lock. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { injectFaults } from "../../../test/support/faults.ts";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { type LockHolder, removeLockDrafts, takeLock } from "./lock.ts";
import type { ProcessTable } from "./process-table.ts";

const now = new Date("2026-11-24T20:45:12Z");

/** A machine on which only these processes run. */
function machine(pid: number, running: Record<number, string>, host = "laptop"): ProcessTable {
  return { pid, host, startOf: async (id) => running[id] ?? null, endGroup: () => undefined };
}

const stale: LockHolder = {
  pid: 7,
  host: "laptop",
  start: "monday",
  since: "2026-11-23T08:00:00.000Z",
  token: "old",
};

describe("takeLock", () => {
  it("takes, holds and releases, leaving nothing", async () => {
    const folder = await temporaryFolder();
    const lock = await takeLock(join(folder, "lock"), machine(8, { 8: "tuesday" }), now, "a");
    expect(JSON.parse(await readFile(join(folder, "lock"), "utf8"))).toEqual({
      pid: 8,
      host: "laptop",
      start: "tuesday",
      since: "2026-11-24T20:45:12.000Z",
      token: "a",
    });
    expect([lock.takenOver, await lock.isHeld()]).toEqual([false, true]);
    await lock.release();
    expect([await lock.isHeld(), await readdir(folder)]).toEqual([false, []]);
    await lock.release();
  });

  const cases: [string, string, Record<number, string>, "locked" | "taken over"][] = [
    ["its process lives", JSON.stringify(stale), { 7: "monday" }, "locked"],
    ["its process has ended", JSON.stringify(stale), {}, "taken over"],
    ["its number is used again by another", JSON.stringify(stale), { 7: "tuesday" }, "taken over"],
    ["the start cannot be told", JSON.stringify(stale), { 7: "unknown" }, "locked"],
    [
      "the start was not known then",
      JSON.stringify({ ...stale, start: "unknown" }),
      { 7: "monday" },
      "locked",
    ],
    ["it is from another machine", JSON.stringify({ ...stale, host: "server" }), {}, "locked"],
    ["it is empty after a power cut", "", {}, "taken over"],
    ["it is garbage", "{", {}, "taken over"],
    ["it is JSON of another kind", "null", {}, "taken over"],
  ];
  it.each(cases)("when %s", async (_, text, running, expected) => {
    const folder = await temporaryFolder();
    const path = join(folder, "lock");
    await writeFile(path, text);
    const taking = takeLock(path, machine(8, { ...running, 8: "now" }), now, "a");
    if (expected === "taken over") {
      expect((await taking).takenOver).toBe(true);
      expect(await readdir(folder)).toEqual(["lock"]);
      return;
    }
    await expect(taking).rejects.toMatchObject({ code: "RUN_LOCKED", kind: { exitCode: 1 } });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("says who holds it and what to do", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "lock");
    await writeFile(path, JSON.stringify(stale));
    await expect(takeLock(path, machine(8, { 7: "monday" }), now, "a")).rejects.toMatchObject({
      message: `Process 7 on laptop has locked run folder ${folder} since 2026-11-23T08:00:00.000Z.`,
      fix: `wait for it or end it; if that machine no longer exists, delete ${folder}/lock`,
    });
  });

  it("refuses a second lock of the same process", async () => {
    const path = join(await temporaryFolder(), "lock");
    await takeLock(path, machine(8, { 8: "now" }), now, "a");
    await expect(takeLock(path, machine(8, { 8: "now" }), now, "b")).rejects.toMatchObject({
      code: "RUN_LOCKED",
    });
  });

  it("leaves a lock alone that somebody else has taken since", async () => {
    const path = join(await temporaryFolder(), "lock");
    const lock = await takeLock(path, machine(8, { 8: "now" }), now, "a");
    await writeFile(path, JSON.stringify(stale));
    await lock.release();
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(stale);
  });

  it("gives a stale lock to exactly one of many rivals", async () => {
    for (let round = 0; round < 20; round++) {
      const path = join(await temporaryFolder(), "lock");
      await writeFile(path, JSON.stringify(stale));
      const running = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [100 + i, "now"]));
      const rivals = Array.from({ length: 8 }, (_, i) =>
        takeLock(path, machine(100 + i, running), now, `rival${i}`),
      );
      const outcomes = await Promise.allSettled(rivals);
      const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
      const held = await Promise.all(won.map((outcome) => outcome.value.isHeld()));
      expect(held.filter(Boolean)).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "RUN_LOCKED" });
      }
    }
  });

  it("is held or not, and leaves nothing, whichever operation the disk fails", async () => {
    const work = async (folder: string): Promise<string> => {
      try {
        const lock = await takeLock(join(folder, "lock"), machine(8, { 8: "now" }), now, "a");
        expect(await lock.isHeld()).toBe(true);
        await lock.release();
        return "held";
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const all = await injectFaults({ under: await temporaryFolder() }, ({ folder }) => work(folder));
    expect(all).toMatchObject({ result: "held", count: 5 });
    for (let at = 1; at <= all.count; at++) {
      for (const kind of ["ENOSPC", "EIO", "EACCES"] as const) {
        const folder = await temporaryFolder();
        const { result } = await injectFaults({ under: folder, at, kind }, () => work(folder));
        const expected = at <= 2 ? "RUN_FILE_WRITE_FAILED" : "held";
        expect([at, kind, result, await readdir(folder)]).toEqual([at, kind, expected, []]);
      }
    }
  });

  it("names a folder that cannot be written", async () => {
    const path = join(await temporaryFolder(), "none", "lock");
    await expect(takeLock(path, machine(8, {}), now, "a")).rejects.toMatchObject({
      code: "RUN_FILE_WRITE_FAILED",
    });
  });
});

describe("removeLockDrafts", () => {
  it("removes what ended processes left, and nothing of a living one or of another lock", async () => {
    const folder = await temporaryFolder();
    const living = JSON.stringify({ ...stale, pid: 8, start: "now" });
    const files = {
      lock: living,
      "lock.ended": JSON.stringify(stale),
      "lock.stale-ended": JSON.stringify(stale),
      "lock.torn": '{"pid":',
      "lock.living": living,
      "meter.tick.lock.ended": JSON.stringify(stale),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await removeLockDrafts(join(folder, "lock"), machine(8, { 8: "now" }));
    expect((await readdir(folder)).sort()).toEqual(["lock", "lock.living", "meter.tick.lock.ended"]);
  });
});
