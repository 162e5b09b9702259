import { expect, it } from "vitest";
import {
  processesWith,
  sampleSpec,
  script,
  scripts,
  testMachine,
  until,
} from "../../../../test/support/launch-world.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { launchCommand } from "./attend.ts";
import { readMeter } from "./meter/meter-file.ts";

const folder = temporaryFolder();

it("starts nothing where process trees cannot be ended", async () => {
  const spec = sampleSpec(`${folder}/windows`, script("1"), 1);
  const machine = { ...testMachine(), platform: "win32" };
  await expect(launchCommand(spec, machine, () => undefined)).rejects.toMatchObject({
    code: "EXEC_PLATFORM_UNSUPPORTED",
  });
  expect(readMeter(spec.folder)).toBe(null);
});

it("gives up on supervisors that are lost at once, and says that nothing was started", async () => {
  const spec = sampleSpec(`${folder}/lost`, script("1"), 1);
  const machine = { ...testMachine(), supervisor: [process.execPath, "-e", "process.exit(1)", "--"] };
  const told: string[] = [];
  const run = await launchCommand(spec, machine, ({ kind }) => told.push(kind));
  await expect(run.ended).rejects.toMatchObject({ code: "EXEC_METER_FAILED" });
  await expect(run.ended).rejects.toThrow("The command was not started.");
  expect(told).toEqual(Array(5).fill("supervisor-lost"));
  expect(readMeter(spec.folder)).toMatchObject({ status: "ended", meteredMs: 0, commandExitCode: null });
});

it("ends a command with a budget that no supervisor can be had for, and says what it took", async () => {
  const name = `${folder}/no-more`;
  const spec = { ...sampleSpec(name, [...script(scripts.stubborn), name], 60), graceMs: 100 };
  const real = testMachine();
  let supervisor = real.supervisor;
  const machine = {
    ...real,
    get supervisor() {
      return supervisor;
    },
  };
  const run = await launchCommand(spec, machine, () => undefined);
  const running = await until(() => {
    const meter = readMeter(spec.folder);
    return meter?.leader && meter.meteredMs > 0 ? meter : null;
  });
  supervisor = [process.execPath, "-e", "process.exit(1)", "--"];
  process.kill(running?.supervisor?.pid ?? 0, "SIGKILL");
  await expect(run.ended).rejects.toThrow(
    /The command had a budget and was terminated, .* 0 are still running/,
  );
  const meter = readMeter(spec.folder);
  expect(meter).toMatchObject({ status: "ended", left: 0, supervisors: 1 });
  expect(meter?.stop?.reason).toBe("meter-lost");
  const passed = (meter?.tickedMs ?? 0) - (running?.tickedMs ?? 0);
  expect((meter?.meteredMs ?? 0) - (running?.meteredMs ?? 0)).toBeCloseTo(passed, 3);
  // the watchdog of the lost supervisor exits because the run has ended
  await expect.poll(() => processesWith(name), { timeout: 10_000 }).toEqual([]);
});

it("survives a supervisor that cannot be started at all", async () => {
  const spec = sampleSpec(`${folder}/none`, script("1"), 1);
  const run = await launchCommand(
    spec,
    { ...testMachine(), supervisor: ["no-such-program"] },
    () => undefined,
  );
  await expect(run.ended).rejects.toMatchObject({ code: "EXEC_METER_FAILED" });
});

it("asks the successor of a supervisor that was lost before it received the request", async () => {
  const name = `${folder}/undelivered`;
  const spec = { ...sampleSpec(name, [...script(scripts.stubborn), name], 60), graceMs: 100 };
  const real = testMachine();
  let requests = 0;
  const machine = {
    ...real,
    signal: (pid: number, signal: Parameters<typeof real.signal>[1]) =>
      real.signal(pid, signal === "SIGTERM" && requests++ === 0 ? "SIGKILL" : signal),
  };
  const run = await launchCommand(spec, machine, () => undefined);
  await until(() => (readMeter(spec.folder)?.meteredMs ?? 0) > 0);
  run.stop();
  const { exitCode, meter } = await run.ended;
  expect(exitCode).toBe(130);
  expect(meter).toMatchObject({ supervisors: 2, left: 0, stop: { reason: "terminate" } });
  expect(requests).toBe(2);
});
