import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { testMachine } from "../../../../test/support/launch-world.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { type RunMeter, saveMeter } from "./meter/meter-file.ts";
import { adoptOrphans } from "./orphans.ts";

const root = temporaryFolder();
// A supervisor that does nothing, because only the selection of orphans is tested here.
const machine = { ...testMachine(), supervisor: [process.execPath, "-e", "1", "--"] };

async function put(name: string, part: Partial<RunMeter>): Promise<void> {
  const folder = join(root, name);
  mkdirSync(folder);
  const gone = { pid: 2 ** 30, start: "long ago" };
  const meter = {
    formatVersion: 1,
    runId: name,
    host: machine.host,
    command: "train",
    status: "running",
    rateUsdPerHour: 1,
    capUsd: null,
    tickMs: 50,
    graceMs: 0,
    meteredMs: 0,
    tickedMs: 0,
    front: gone,
    supervisor: gone,
    leader: null,
    strays: [],
    stop: null,
    ...part,
  };
  await saveMeter(folder, meter as unknown as RunMeter, machine);
}

it("adopts the runs of this machine that nobody watches", async () => {
  const self = { pid: process.pid, start: (await machine.startOf(process.pid)) ?? "" };
  await put("a-orphan", {});
  await put("b-ended", { status: "ended" });
  await put("c-with-front", { front: self });
  await put("d-with-supervisor", { supervisor: self });
  await put("e-elsewhere", { host: "another" });
  await put("f-other-process-of-that-number", { front: { ...self, start: "before" } });
  mkdirSync(join(root, "g-empty"));
  writeFileSync(join(root, "h-no-folder"), "");
  const adopted = await adoptOrphans(root, machine, process.env);
  expect(adopted.map(({ runId }) => runId)).toEqual(["a-orphan", "f-other-process-of-that-number"]);
});

it("finds none where there is no folder", async () => {
  expect(await adoptOrphans(join(root, "nowhere"), machine, {})).toEqual([]);
});
