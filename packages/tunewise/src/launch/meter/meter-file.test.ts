import { writeFileSync } from "node:fs";
import type { Usd } from "@tunewise/core/quantity";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleSpec, testMachine } from "../../../../../test/support/launch-world.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import {
  askStop,
  isStopRequested,
  meterFile,
  type RunMeter,
  readMeter,
  saveMeter,
  stopFile,
} from "./meter-file.ts";
import { MeterKeeper } from "./meter-keeper.ts";

const folder = temporaryFolder();
const spec = sampleSpec(folder, [], 1);
const sample: RunMeter = {
  formatVersion: 1,
  runId: spec.runId,
  host: "laptop",
  command: "train",
  rateUsdPerHour: spec.rateUsdPerHour,
  rateSource: spec.rateSource,
  capUsd: spec.capUsd,
  tickMs: 50,
  graceMs: 300,
  meteredMs: 1234.5,
  spentMicroUsd: 0 as Usd,
  status: "running",
  startedAt: "2026-11-25T12:00:00.000Z",
  tickedAt: "2026-11-25T12:00:00.000Z",
  endedAt: null,
  tickedMs: 10,
  front: { pid: 100, start: "a" },
  supervisor: null,
  supervisors: 0,
  leader: { pid: 101, start: "b" },
  strays: [{ pid: 102, start: "c" }],
  warned: false,
  stop: null,
  commandExitCode: null,
  left: 0,
  outlived: null,
  killed: 0,
  cgroup: null,
};

describe("a meter's file", () => {
  it("comes back as it was, with the money of its time", async () => {
    await saveMeter(folder, sample, testMachine());
    expect(readMeter(folder)).toEqual({ ...sample, spentMicroUsd: 1_234_500 });
  });

  it.each(["", "{", "null", "[]", "{}", '{"formatVersion":2}', " ".repeat(2_000_000)])(
    "is none where it holds %j",
    (text) => {
      writeFileSync(meterFile(folder), text);
      expect(readMeter(folder)).toBe(null);
    },
  );

  it.each<Partial<Record<keyof RunMeter, unknown>>>([
    { leader: { pid: 1, start: "x" } },
    { leader: { pid: -5, start: "x" } },
    { leader: { pid: 7.5, start: "x" } },
    { strays: [{ pid: 0, start: "x" }] },
    { strays: "all" },
    { meteredMs: -1 },
    { meteredMs: "1" },
    { capUsd: "none" },
    { rateUsdPerHour: null },
    { status: "gone" },
    { runId: 5 },
  ])("is none with %j, so that nobody is signalled by mistake", (lie) => {
    writeFileSync(meterFile(folder), JSON.stringify({ ...sample, ...lie }));
    expect(readMeter(folder)).toBe(null);
  });

  it("is read or refused, whatever is in it", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        writeFileSync(meterFile(folder), text);
        expect(readMeter(folder)).toBe(null);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the keeper", () => {
  it("counts on while the disk is full, and writes when it is not", async () => {
    let now = 0;
    let isFull = true;
    const writes: string[] = [];
    const writeWhole = async (_: string, text: string): Promise<void> => {
      if (isFull) throw new Error("no space left on the disk");
      writes.push(text);
    };
    const machine = { ...testMachine(), monotonicMs: () => now, writeWhole };
    const keeper = new MeterKeeper(folder, machine, { ...sample, meteredMs: 0, tickedMs: 0 });
    for (now = 100; now <= 300; now += 100) {
      keeper.advance();
      keeper.saveSoon();
    }
    isFull = false;
    await keeper.saveNow({ left: 3 });
    expect(writes).toHaveLength(1);
    expect(JSON.parse(writes[0] ?? "")).toMatchObject({ meteredMs: 300, spentMicroUsd: 300_000, left: 3 });
  });

  it("counts no time twice and none backwards", () => {
    let now = 50;
    const machine = { ...testMachine(), monotonicMs: () => now };
    const keeper = new MeterKeeper(folder, machine, { ...sample, meteredMs: 0, tickedMs: 0 });
    keeper.advance();
    keeper.advance();
    now = 40;
    keeper.advance();
    expect(keeper.meter.meteredMs).toBe(50);
    keeper.advance(7);
    expect(keeper.meter.meteredMs).toBe(57);
  });
});

it("the stop flag is seen once it is there", async () => {
  expect(isStopRequested(folder)).toBe(false);
  await askStop(folder, "request", testMachine());
  expect([isStopRequested(folder), stopFile(folder)]).toEqual([true, `${folder}/stop.json`]);
});
