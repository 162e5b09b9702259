import { expect, it } from "vitest";
import { sampleSpec, script, testMachine } from "../../test/support/launch-world.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
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
