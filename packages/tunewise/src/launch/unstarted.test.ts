/** @file Tests that commands that were registered but never started are marked as ended, and no others. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { testMachine } from "../../../../test/support/launch-world.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { type RunMeter, readMeter, saveMeter } from "./meter/meter-file.ts";
import { endUnstarted } from "./orphans.ts";

const machine = testMachine();
const gone = { pid: 2 ** 30, start: "long ago" };

async function put(root: string, name: string, part: Partial<RunMeter> = {}): Promise<string> {
  const folder = join(root, name);
  mkdirSync(folder);
  const meter = {
    formatVersion: 1,
    runId: name,
    host: machine.host,
    command: "train",
    status: "starting",
    rateUsdPerHour: 1,
    capUsd: null,
    tickMs: 50,
    graceMs: 0,
    meteredMs: 0,
    tickedMs: 0,
    front: gone,
    supervisor: null,
    leader: null,
    strays: [],
    stop: null,
    commandExitCode: null,
    ...part,
  };
  await saveMeter(folder, meter as unknown as RunMeter, machine);
  return folder;
}

it("ends what nobody will start any more, and nothing that may still be started or was", async () => {
  const root = temporaryFolder();
  const self = { pid: process.pid, start: (await machine.startOf(process.pid)) ?? "" };
  await put(root, "a-front-gone");
  await put(root, "b-supervisor-gone-too", { supervisor: gone });
  await put(root, "c-number-used-again", { front: { ...self, start: "before" } });
  await put(root, "d-front-there", { front: self });
  await put(root, "e-supervisor-there", { supervisor: self });
  await put(root, "f-nobody-can-tell", { front: { ...self, start: "unknown" } });
  await put(root, "g-elsewhere", { host: "another" });
  await put(root, "h-at-work", { status: "running" });
  await put(root, "i-with-a-leader", { leader: gone });
  const claimed = await put(root, "j-claimed");
  mkdirSync(join(claimed, "claim"));
  writeFileSync(join(claimed, "claim/pid"), "4711");
  await machine.takeLock(join(await put(root, "k-supervisor-beginning"), "lock"));
  mkdirSync(join(root, "l-empty"));

  const all = ["a-front-gone", "b-supervisor-gone-too", "c-number-used-again"];
  expect(await endUnstarted(root, machine)).toEqual(all);
  for (const name of all) {
    const meter = readMeter(join(root, name));
    expect(meter).toMatchObject({ status: "ended", meteredMs: 0, spentMicroUsd: 0, commandExitCode: null });
    expect(Date.parse(meter?.endedAt ?? "")).toBeGreaterThan(0);
  }
  expect(readMeter(join(root, "e-supervisor-there"))?.status).toBe("starting");
  expect(await endUnstarted(root, machine)).toEqual([]);
});

it("leaves one whose meter cannot be written to whoever comes next, and gives its lock back", async () => {
  const root = temporaryFolder();
  await put(root, "a");
  const full = { ...machine, writeWhole: () => Promise.reject(new Error("ENOSPC")) };
  expect(await endUnstarted(root, full)).toEqual([]);
  expect(await endUnstarted(root, machine)).toEqual(["a"]);
  expect(await endUnstarted(join(root, "nowhere"), machine)).toEqual([]);
});
