import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { readMachinePrice, recordMachinePrice } from "./machine-price.ts";

it("holds for the machine on which it was said, until it is said again", async () => {
  const cacheFolder = join(temporaryFolder(), "cache");
  const on = (host: string) => ({
    now: () => new Date("2026-12-01T10:00:00Z"),
    processes: { host },
    sources: { cacheFolder },
  });
  expect(await readMachinePrice(on("a"))).toBeNull();
  await recordMachinePrice(2.5, on("a"));
  await recordMachinePrice(0, on("b"));
  expect(await readMachinePrice(on("a"))).toEqual({ usdPerHour: 2.5, saidOn: "2026-12-01" });
  expect(await readMachinePrice(on("b"))).toEqual({ usdPerHour: 0, saidOn: "2026-12-01" });
  expect(await readMachinePrice(on("c"))).toBeNull();
  await recordMachinePrice(3, on("a"));
  expect((await readMachinePrice(on("a")))?.usdPerHour).toBe(3);
  writeFileSync(join(cacheFolder, "machine-price.json"), "{ cut");
  expect(await readMachinePrice(on("a"))).toBeNull();
});
