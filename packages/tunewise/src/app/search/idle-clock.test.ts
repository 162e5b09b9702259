import { join } from "node:path";
import { usd } from "@tunewise/core/quantity";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { IdleClock, idleSeconds } from "./idle-clock.ts";

const root = temporaryFolder();
const rate = { usdPerHour: usd(3.6), isMoney: true }; // a tenth of a cent per second

test.each([
  [60, 4, 4, 0],
  [60, 3, 4, 15],
  [60, 0, 4, 60],
  [60, 1, 2, 30],
  [60, 1, 1, 0],
  [60, 0, 3, 60],
])("%i s with %i of %i trials leave %i s of the machine idle", (wall, running, parallel, idle) => {
  expect(idleSeconds(wall, running, parallel)).toBe(idle);
});

function clockAt(name: string, parallel = 2) {
  const time = { now: 100 };
  const open = () => IdleClock.open(join(root, name), parallel, rate, () => time.now);
  return { time, open };
}

test("counts from the first trial on, and not after it was stopped", async () => {
  const { time, open } = clockAt("counts");
  const clock = await open();
  time.now = 110;
  expect(clock.usd).toBe(0);
  clock.setRunning(1);
  time.now = 120; // ten seconds with one of two trials running
  expect(clock.usd).toBe(5_000);
  clock.setRunning(2);
  time.now = 150;
  clock.setRunning(1);
  time.now = 152;
  clock.setRunning(0);
  time.now = 153;
  await clock.stop();
  time.now = 200;
  expect(clock.usd).toBe(7_000);
  await clock.close();
});

test("goes on after a kill from what was written down last", async () => {
  const { time, open } = clockAt("killed", 4);
  const clock = await open();
  clock.setRunning(3);
  time.now = 140;
  await clock.write();
  time.now = 150; // these seconds are not written before the kill
  const again = await open();
  expect(again.usd).toBe(10_000);
  await again.close();
  await clock.close(); // cleans up for the test; a killed process closes nothing
});

test("says so every few seconds, after writing it down", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { time, open } = clockAt("ticks");
  const clock = await open();
  clock.setRunning(1);
  time.now = 102;
  const heard = new Promise<number>((resolve) => clock.onTick(() => resolve(clock.usd)));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await heard).toBe(1_000);
  const other = await open();
  expect(other.usd).toBe(1_000);
  await other.close();
  await clock.close();
});

test("one trial at a time leaves nothing idle", async () => {
  const { time, open } = clockAt("alone", 1);
  const clock = await open();
  clock.setRunning(0);
  time.now = 1_000;
  expect(clock.usd).toBe(0);
  await clock.close();
});
