import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seconds } from "@tunewise/core/quantity";
import { expect, it } from "vitest";
import { armedCommand, leaseCommand, leaseFile, renewCommand } from "./lease-command.ts";
import type { RentalTerms } from "./worst-case.ts";

/** Runs a command in a shell with its own home folder, and returns the exit code. */
function inShell(home: string, command: string): Promise<number | null> {
  const child = spawn("sh", ["-c", command], {
    env: { PATH: process.env["PATH"], HOME: home },
    stdio: "ignore",
  });
  return new Promise((resolve) => child.once("close", resolve));
}

const termsOf = (lease: number, most: number): RentalTerms =>
  ({ machineLeaseSeconds: seconds(lease), maxSeconds: seconds(most) }) as RentalTerms;

it("ends when nobody renews it, and not before", async () => {
  const home = mkdtempSync(join(tmpdir(), "tunewise-lease-"));
  expect(await inShell(home, armedCommand)).not.toBe(0);
  let [isOver, startedMs] = [false, Date.now()];
  const lease = inShell(home, leaseCommand(termsOf(3, 1000))).then((code) => {
    isOver = true;
    return code;
  });
  while (!existsSync(join(home, leaseFile))) await sleep(20);
  expect(readFileSync(join(home, leaseFile), "utf8")).toMatch(/^armed \d+\n$/);
  expect(await inShell(home, armedCommand)).toBe(0);
  for (; Date.now() - startedMs < 5_000; await sleep(500)) expect(await inShell(home, renewCommand)).toBe(0);
  expect(isOver).toBe(false);
  // a changed timestamp renews the lease once, whatever time it contains
  utimesSync(join(home, leaseFile), 1, 1);
  startedMs = Date.now();
  expect(await lease).toBe(0);
  expect(Date.now() - startedMs).toBeLessThan(30_000);
  expect(await inShell(home, armedCommand)).not.toBe(0);
  rmSync(home, { recursive: true });
});

it("ends at its deadline, whoever renews it", async () => {
  const home = mkdtempSync(join(tmpdir(), "tunewise-lease-"));
  expect(await inShell(home, leaseCommand(termsOf(1000, 1)))).toBe(0);
  rmSync(home, { recursive: true });
});
