/** @file The event log: adding, torn lines, full disks, hostile files. */

import { existsSync } from "node:fs";
import { appendFile, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/track-disk.ts";
import type { RunEvent } from "../run/index.ts";
import { eventLine, openEventLog, readEventLog } from "./event-log.ts";

function phase(done: number): RunEvent {
  const event = { kind: "phase", name: "Zähler ✓", done, total: 9 } as const;
  return { v: 1, run: "a", seq: done + 1, time: "2026-11-24T20:45:12.000Z", ...event };
}

describe("event log", () => {
  it.each(["always", "checkpoints"] as const)(
    "keeps the order of adds that nobody waits for (%s)",
    async (policy) => {
      const path = join(await temporaryFolder(), "events.jsonl");
      const log = await openEventLog(path, policy);
      const adds = Array.from({ length: 50 }, (_, i) => log.add([phase(2 * i), phase(2 * i + 1)]));
      await log.sync();
      await Promise.all(adds);
      await log.close();
      const content = await readEventLog(path);
      expect(content.items).toEqual(Array.from({ length: 100 }, (_, i) => phase(i)));
      expect(content).toMatchObject({ torn: false, unreadableLines: 0 });
    },
  );

  it("reads and goes on after a cut at every byte of the last line", async () => {
    const path = join(await temporaryFolder(), "events.jsonl");
    const first = `${eventLine(phase(1))}\n`;
    const both = `${first}${eventLine(phase(2))}\n`;
    for (let cut = Buffer.byteLength(first); cut < Buffer.byteLength(both); cut++) {
      await writeFile(path, both);
      await truncate(path, cut);
      const torn = await readEventLog(path);
      expect(torn.items).toEqual([phase(1)]);
      expect(torn.torn).toBe(cut > Buffer.byteLength(first));
      const log = await openEventLog(path);
      await log.add([phase(3)]);
      await log.close();
      expect(await readEventLog(path)).toEqual({
        items: [phase(1), phase(3)],
        torn: false,
        unreadableLines: 0,
      });
    }
  });

  it("cuts a torn first line, also one longer than a block", async () => {
    const path = join(await temporaryFolder(), "events.jsonl");
    await writeFile(path, `${eventLine(phase(1))}\n{"time":"${"x".repeat(200_000)}`);
    await (await openEventLog(path)).close();
    expect(await readFile(path, "utf8")).toBe(`${eventLine(phase(1))}\n`);
    await writeFile(path, "x".repeat(100_000));
    await (await openEventLog(path)).close();
    expect((await stat(path)).size).toBe(0);
  });

  it("counts lines that are no events and drops endless ones", async () => {
    const path = join(await temporaryFolder(), "events.jsonl");
    await writeFile(path, `garbage\n\n${eventLine(phase(1))}\n`);
    await appendFile(path, `${"y".repeat(3_000_000)}\n${eventLine(phase(2))}\n`);
    expect(await readEventLog(path)).toEqual({
      items: [phase(1), phase(2)],
      torn: false,
      unreadableLines: 2,
    });
  });

  it("says what it could not read or open", async () => {
    const folder = await temporaryFolder();
    await expect(readEventLog(join(folder, "none"))).rejects.toMatchObject({ code: "RUN_FILE_UNREADABLE" });
    await expect(openEventLog(folder)).rejects.toMatchObject({ code: "RUN_FILE_WRITE_FAILED" });
  });

  it.skipIf(!existsSync("/dev/full"))(
    "says that the disk is full, for each add, and can be closed",
    async () => {
      const log = await openEventLog("/dev/full");
      await expect(log.add([phase(1)])).rejects.toThrow(/no space left on the disk/);
      await expect(log.add([phase(2)])).rejects.toThrow(/no space left on the disk/);
      await log.close().catch(() => undefined);
    },
  );
});
