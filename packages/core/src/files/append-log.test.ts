/** @file An append log holds only complete additions, however little of one the disk accepts. */
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { injectFaults } from "../../../../test/support/faults.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { appendLines, openAppendLog } from "./append-log.ts";

describe("an append log", () => {
  it("cuts a torn line when it is opened", async () => {
    const path = join(await temporaryFolder(), "log");
    await writeFile(path, `whole\n${"torn".repeat(50_000)}`);
    await appendLines(path, "next\n");
    expect(await readFile(path, "utf8")).toBe("whole\nnext\n");
    await writeFile(path, "torn");
    await appendLines(path, "first\n");
    expect(await readFile(path, "utf8")).toBe("first\n");
  });

  it("holds what was acknowledged and nothing of what was not, wherever the disk fails", async () => {
    const work = async (folder: string): Promise<string> => {
      let acknowledged = "";
      const log = await openAppendLog(join(folder, "log"));
      try {
        for (const lines of ["one\ntwo\n", "three\n", "four\nfive\n"]) {
          await log.add(lines).then(
            () => {
              acknowledged += lines;
            },
            () => undefined,
          );
        }
      } finally {
        await log.close().catch(() => undefined);
      }
      return acknowledged;
    };
    const all = await injectFaults({ under: await temporaryFolder() }, ({ folder }) => work(folder));
    expect(all.count).toBeGreaterThanOrEqual(5);
    for (let at = 1; at <= all.count; at++) {
      for (const kind of ["ENOSPC", "EIO", "full"] as const) {
        const folder = await temporaryFolder();
        const { result, fired } = await injectFaults({ under: folder, at, kind }, () =>
          work(folder).catch(() => ""),
        );
        expect(fired).toBe(true);
        const text = await readFile(join(folder, "log"), "utf8").catch(() => "");
        // If the failing disk also prevented the rollback, the next opening truncates the partial addition.
        await appendFile(join(folder, "log"), "");
        expect([at, kind, kind === "full" ? text.startsWith(result) : text === result]).toEqual([
          at,
          kind,
          true,
        ]);
      }
    }
  });
});
