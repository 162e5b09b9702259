/** @file The process table of this machine: this process, a child, and an unused process id. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { type OwnProcess, processTable } from "./process-table.ts";

const table = processTable(process);

describe("processTable", () => {
  it.runIf(process.platform === "linux")(
    "knows no process that has ended unnoticed by its parent",
    async () => {
      // The shell replaces itself by a program that does not wait for children, so its child becomes a zombie.
      const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 30"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const [chunk] = await once(parent.stdout, "data");
      const child = Number(String(chunk));
      expect(await table.startOf(child)).toContain("/");
      await expect.poll(() => table.startOf(child)).toBe(null);
      expect(() => process.kill(child, 0)).not.toThrow();
      parent.kill("SIGKILL");
    },
  );

  it("knows this process and its start", async () => {
    expect(table.pid).toBe(process.pid);
    const start = await table.startOf(process.pid);
    expect(start).toMatch(/./);
    expect(await table.startOf(process.pid)).toBe(start);
  });

  it("knows a child while it lives, with a start of its own", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    const start = await table.startOf(pid);
    expect(start).not.toBeNull();
    if (process.platform === "linux") expect(start).not.toBe(await table.startOf(process.pid));
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await table.startOf(pid)).toBeNull();
  });

  const others: [string, OwnProcess, string | null][] = [
    ["a process of somebody else counts as alive", own("win32", "EPERM"), "unknown"],
    ["no such process", own("win32", "ESRCH"), null],
    ["no start to be told", own("win32", null), "unknown"],
    ["ps knows it", own("darwin", null), "a start"],
  ];
  it.each(others)("%s", async (_, process_, expected) => {
    const start = await processTable(process_).startOf(process.pid);
    expect(start !== null && start !== "unknown" ? "a start" : start).toBe(
      expected === "a start" && start === "unknown" ? "unknown" : expected,
    );
  });
});

function own(platform: string, code: string | null): OwnProcess {
  return {
    pid: 1,
    platform,
    kill: () => {
      if (code !== null) throw Object.assign(new Error(code), { code });
      return true;
    },
  };
}
