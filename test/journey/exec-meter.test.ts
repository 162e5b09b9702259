/** The meter of `tunewise exec` when its supervisor is suspended, and when the disk is full. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { adoptOrphans } from "../../packages/tunewise/src/launch/index.ts";
import { budget, exec, isThere, kill, meterWhen, nobodyLeft, rate } from "../support/exec-front.ts";
import { script, scripts, testMachine, until } from "../support/launch-world.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("a supervisor that is suspended", () => {
  it("is woken by the front; the budget ends the command, and the time between is counted once", async () => {
    const front = exec(budget(2, 0.3), script(scripts.stubborn));
    const { supervisor, tickedMs, meteredMs } = await front.ready();
    kill(supervisor?.pid, "SIGSTOP");
    const { code, err } = await front.ended;
    expect(code).toBe(2);
    expect(err).toContain("the meter stood still");
    const meter = front.meter();
    expect(meter).toMatchObject({ supervisors: 1, left: 0 });
    // Metered time and monotonic time advanced equally: no gap, nothing counted twice.
    const passed = (meter?.tickedMs ?? 0) - tickedMs;
    expect(Math.abs((meter?.meteredMs ?? 0) - meteredMs - passed)).toBeLessThan(1);
    await nobodyLeft(front);
  });

  it("and suspended again and again does not stop the budget", async () => {
    const front = exec(budget(6, 0.3), script(scripts.stubborn));
    const { supervisor } = await front.ready();
    const again = setInterval(() => kill(supervisor?.pid, "SIGSTOP"), 100);
    const { code } = await front.ended.finally(() => clearInterval(again));
    expect(code).toBe(2);
    const meter = front.meter();
    expect(meter).toMatchObject({ status: "ended", left: 0 });
    expect(meter?.spentMicroUsd).toBeGreaterThanOrEqual(6_300_000);
    // The last suspension may come after the front has ended. It costs nothing, because the command has ended too. Only
    // this test or the next `tunewise exec` wakes the supervisor.
    kill(supervisor?.pid, "SIGCONT");
    await nobodyLeft(front);
  });

  it("whose front is gone is woken by the next tunewise exec", async () => {
    const front = exec(budget(1.5, 0.3), script(scripts.stubborn));
    const { supervisor } = await front.ready();
    kill(front.child.pid);
    kill(supervisor?.pid, "SIGSTOP");
    await wait(4000);
    expect(front.meter()?.status).not.toBe("ended");
    await adoptOrphans(join(front.folder, ".tunewise/exec"), testMachine(), process.env);
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    expect(meter).toMatchObject({ supervisors: 1, left: 0 });
    expect(meter.meteredMs).toBeGreaterThan(4000);
  });
});

it("a command that is suspended goes on costing, and is ended by its budget", async () => {
  const front = exec(budget(1.5, 0.3), script(scripts.stubborn));
  const { leader } = await front.ready();
  kill(-(leader?.pid ?? 0), "SIGSTOP");
  expect((await front.ended).code).toBe(2);
  expect(front.meter()?.meteredMs).toBeGreaterThanOrEqual(1800);
  await nobodyLeft(front);
});

/** Disks that tests mounted; `smallDisk` returns `null` if this user may not mount one. */
const disks: string[] = [];
const everMounted: string[] = [];
const isMounted = (disk: string): boolean =>
  readFileSync("/proc/self/mountinfo", "utf8").includes(` ${disk} `);
function smallDisk(): string | null {
  const folder = join(temporaryFolder(), `place-disk-${disks.length}-x`);
  const disk = join(folder, ".tunewise");
  mkdirSync(disk, { recursive: true });
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).status !== 0) return null;
  disks.push(disk);
  everMounted.push(disk);
  return folder;
}
const canMount = ((): boolean => {
  const folder = smallDisk();
  return folder !== null;
})();
// While other programs mount and unmount, `umount` may miss an entry of the mount table, so it is repeated.
afterEach(async () => {
  for (const disk of disks.splice(0)) {
    await until(() => {
      spawnSync("umount", ["-l", disk]);
      return !isMounted(disk);
    });
  }
});

function fill(folder: string): string {
  const path = join(folder, ".tunewise/ballast");
  for (const size of [1 << 16, 1 << 12, 1]) {
    try {
      while (true) writeFileSync(path, "x".repeat(size), { flag: "a" });
    } catch {
      // no space for another write of this size
    }
  }
  return path;
}

describe.skipIf(!canMount)("on a full disk (needs the right to mount a small one)", () => {
  it("the budget ends the command all the same, and the sum is right once there is room", async () => {
    const folder = smallDisk() ?? "";
    const front = exec(budget(2.5, 0.3), script(scripts.saving), folder);
    const { meteredMs: before } = await front.ready();
    const ballast = fill(folder);
    const { code, err } = await front.ended;
    expect(code).toBe(2);
    expect(err).toMatch(/disk full: the meter is held in memory, .* unsaved/);
    const said = Number(/spent \$(\d+\.\d+) in/.exec(err)?.[1]);
    expect(said).toBeGreaterThanOrEqual(2.5);
    const stale = front.meter();
    expect(stale?.status).not.toBe("ended");
    expect(stale?.meteredMs).toBeLessThan(before + 1500);
    rmSync(ballast);
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    expect(meter).toMatchObject({ commandExitCode: 0, left: 0 });
    expect(meter.stop?.reason).toBe("budget");
    expect(Math.abs(meter.spentMicroUsd / 1e6 - said)).toBeLessThan(0.02);
    await until(() => !isThere(meter.supervisor?.pid ?? 0));
  });

  it("that has room again in time, the exit code and the sum are as ever", async () => {
    const folder = smallDisk() ?? "";
    const front = exec(rate, script("console.log('ready');setTimeout(()=>process.exit(7),3000)"), folder);
    await front.ready();
    const ballast = fill(folder);
    await until(() => front.said().includes("disk full"));
    await wait(500);
    rmSync(ballast);
    const { code, err } = await front.ended;
    expect(code).toBe(7);
    expect(err).toContain("the meter is written again");
    expect(front.meter()).toMatchObject({ status: "ended", commandExitCode: 7 });
    expect(front.meter()?.meteredMs).toBeGreaterThan(2900);
  });

  it("a supervisor that is lost too has a successor, which counts on", async () => {
    const folder = smallDisk() ?? "";
    const front = exec(budget(4, 0.3), script(scripts.stubborn), folder);
    const { supervisor } = await front.ready();
    const ballast = fill(folder);
    await until(() => front.said().includes("disk full"));
    kill(supervisor?.pid);
    expect((await front.ended).code).toBe(2);
    rmSync(ballast);
    const meter = await meterWhen(front, ({ status }) => status === "ended");
    expect(meter.spentMicroUsd).toBeGreaterThanOrEqual(4_300_000);
    expect(meter.meteredMs).toBeLessThan(15_000);
    await nobodyLeft(front);
  });

  it("nothing is started that cannot be metered", async () => {
    const folder = smallDisk() ?? "";
    fill(folder);
    const { code, out } = await exec(rate, script("console.log('ran')"), folder).ended;
    expect([code === 0, out]).toEqual([false, ""]);
  });
});

it.skipIf(!canMount)("mounts are given back", () => {
  expect(everMounted.length).toBeGreaterThan(1);
  expect(everMounted.filter(isMounted)).toEqual([]);
});
