import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { MeteredTime, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { type JournaledStore, processTable, runFolderAt, type SpendEntry } from "@tunewise/tracker";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import {
  bookTick,
  machineSpend,
  readTick,
  type Tick,
  tickBytes,
  tickPath,
  writeFirstTick,
} from "./tick-file.ts";
import { startTicks } from "./tick-thread.ts";

const root = temporaryFolder();
const now = new Date("2026-11-27T12:00:00Z");
const table = processTable(process);
const tick: Tick = {
  formatVersion: 1,
  at: now.toISOString(),
  seconds: 12.5,
  microUsd: 12_500_000,
  microUsdPerHour: 3_600_000_000,
  priceSource: "the test",
};

let places = 0;
function place(): ReturnType<typeof runFolderAt> {
  const folder = runFolderAt(join(root, `run-${places++}`));
  mkdirSync(folder.path);
  return folder;
}

/** A ledger in memory. */
function ledger(...lines: Partial<SpendEntry>[]): {
  readonly lines: SpendEntry[];
  readonly store: JournaledStore;
} {
  const entry = {
    runId: "a",
    time: tick.at,
    kind: "train",
    priceUsdPerHour: usd(3600),
    priceSource: "the test",
  };
  const all = lines.map((line) => ({ ...entry, spent: 0 as Usd, duration: seconds(0), ...line }));
  const store = {
    catchUp: async () => 0,
    totalSpend: async () => ({
      spent: all.reduce((sum, { spent }) => sum + spent, 0),
      duration: all.reduce((sum, { duration }) => sum + duration, 0),
      charged: all.filter(({ kind }) => kind === "tokens").reduce((sum, { spent }) => sum + spent, 0),
    }),
    record: async ({ spend = [] }: { spend?: readonly SpendEntry[] }) => void all.push(...spend),
  };
  return { lines: all, store: store as unknown as JournaledStore };
}

it("brings what the ledger lacks into it, once", async () => {
  const folder = place();
  await writeFirstTick(tickPath(folder), tick);
  const { lines, store } = ledger({ spent: 10_000_000 as Usd, duration: seconds(10) });
  expect(await bookTick(store, "a", folder, table, now)).toBe(2_500_000);
  expect(lines.at(-1)).toMatchObject({ kind: "machine", spent: 2_500_000, duration: 2.5, time: tick.at });
  expect(existsSync(tickPath(folder))).toBe(false);
  await writeFirstTick(tickPath(folder), tick); // as if removing it had failed
  expect(await bookTick(store, "a", folder, table, now)).toBe(0);
  expect(lines).toHaveLength(2);
});

it("keeps the tick where the ledger cannot be written, for the next who looks", async () => {
  const folder = place();
  await writeFirstTick(tickPath(folder), tick);
  const { lines, store } = ledger();
  const failing = { ...store, record: () => Promise.reject(new Error("disk full")) } as JournaledStore;
  await expect(bookTick(failing, "a", folder, table, now)).rejects.toThrow("disk full");
  expect(await readTick(tickPath(folder))).toEqual(tick);
  expect(await bookTick(store, "a", folder, table, now)).toBe(12_500_000);
  expect(lines).toHaveLength(1);
});

it("takes no charge for time of the machine", async () => {
  const folder = place();
  await writeFirstTick(tickPath(folder), tick);
  const { store } = ledger(
    { spent: 10_000_000 as Usd, duration: seconds(10) },
    { kind: "tokens", spent: 7_000_000 as Usd },
  );
  expect(await machineSpend(store, "a")).toEqual({ seconds: 10, microUsd: 10_000_000 });
  expect(await bookTick(store, "a", folder, table, now)).toBe(2_500_000);
});

it("adds nothing where the ledger holds more, and nothing without a tick that can be read", async () => {
  const folder = place();
  const { lines, store } = ledger({ spent: 20_000_000 as Usd, duration: seconds(20) });
  await writeFirstTick(tickPath(folder), tick);
  expect(await bookTick(store, "a", folder, table, now)).toBe(0);
  for (const text of [
    "",
    "{",
    "[]",
    '{"formatVersion":1,"seconds":-1}',
    `${JSON.stringify({ ...tick, at: "?" })}`,
  ]) {
    writeFileSync(tickPath(folder), text);
    expect(await readTick(tickPath(folder))).toBe(null);
    expect(await bookTick(store, "a", folder, table, now)).toBe(0);
  }
  expect(lines).toHaveLength(1);
});

it("leaves a tick alone that somebody else is booking", async () => {
  const folder = place();
  await writeFirstTick(tickPath(folder), tick);
  const start = await table.startOf(process.pid);
  writeFileSync(
    `${tickPath(folder)}.lock`,
    JSON.stringify({ pid: process.pid, host: table.host, start, token: "b" }),
  );
  expect(await bookTick(ledger().store, "a", folder, table, now)).toBe(0);
  expect(existsSync(tickPath(folder))).toBe(true);
});

it("ticks from the session's time on while the main thread is busy, in the room that was taken", async () => {
  const folder = place();
  const path = tickPath(folder);
  await writeFirstTick(path, tick);
  const order = { path, base: { seconds: 100, microUsd: 5 }, price: tick, elapsedSeconds: 40 };
  const begun = performance.now();
  const ticks = startTicks(order);
  // Blocks the main thread as tokenizing does, so that none of its timers fires.
  while (performance.now() < begun + 2500) readFileSync(path);
  const read = await readTick(path);
  const passed = (performance.now() - begun) / 1000;
  await ticks.stop();
  expect(read?.seconds).toBeLessThanOrEqual(140 + passed);
  expect(read?.seconds).toBeGreaterThan(140 + passed - 2.4);
  const session = MeteredTime.ofSeconds(tick.microUsdPerHour as Usd, (read?.seconds ?? 0) - 100);
  expect(read?.microUsd).toBe(5 + session.spent);
  expect(statSync(path).size).toBe(tickBytes);
  const stopped = readFileSync(path, "utf8");
  await wait(1200);
  expect(readFileSync(path, "utf8")).toBe(stopped);
  truncateSync(path);
});

it("adds the time of a worker that outlived the meter, at the tick's own price", async () => {
  const added: SpendEntry[] = [];
  const store = {
    catchUp: async () => 0,
    totalSpend: async () => ({ spent: usd(0), duration: seconds(0), charged: usd(0) }),
    record: async ({ spend }: { spend?: readonly SpendEntry[] }) => void added.push(...(spend ?? [])),
  } as unknown as JournaledStore;
  const ended = new Date(now.getTime() + 4_000);
  const folder = place();
  writeFileSync(tickPath(folder), JSON.stringify(tick));
  expect(await bookTick(store, "r", folder, table, now, ended)).toBe(16_500_000);
  const before = place();
  writeFileSync(tickPath(before), JSON.stringify(tick));
  expect(await bookTick(store, "r", before, table, now, new Date(now.getTime() - 1))).toBe(12_500_000);
  expect(added.map(({ duration }) => duration)).toEqual([16.5, 12.5]);
});
