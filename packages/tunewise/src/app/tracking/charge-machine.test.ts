/** @file The last charge for a rented machine, in a real store. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usd } from "@tunewise/core/quantity";
import { addTrackedRun, createWriter, openDatabase, storePath } from "@tunewise/tracker";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { chargeMachine, type MachineTime } from "./charge-machine.ts";

const ended = Date.UTC(2026, 10, 28, 12);
const time: MachineTime = { run: "rented-1", sinceMs: ended, usdPerHour: usd(3.6) };
/** Gone after 100 seconds, and confirmed again half a minute later. */
const receipt = { absentMs: [ended + 100_000, ended + 130_000] } as const;
let folder = "";
let notes: string[] = [];
let runtime: Runtime;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tunewise-charge-"));
  notes = [];
  const real = createRuntime(folder, new AbortController().signal, "test");
  runtime = { ...real, note: (text) => void notes.push(text) };
  const database = await openDatabase(storePath(folder));
  await createWriter(database)((transaction) =>
    addTrackedRun(transaction, {
      id: "rented-1",
      name: "rented",
      project: 0,
      person: "",
      status: "completed",
      client: "tunewise",
      startedMs: ended - 60_000,
      fingerprint: null,
      family: null,
      purpose: "experiment",
      tags: [],
    }),
  );
  await database.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function ledger(): Promise<readonly Record<string, unknown>[]> {
  const database = await openDatabase(storePath(folder));
  try {
    return await database.all("SELECT kind, ms, micro_usd, price_source FROM spend ORDER BY sequence");
  } finally {
    await database.close();
  }
}

const line = {
  kind: "other",
  ms: receipt.absentMs[0],
  micro_usd: 100_000,
  price_source: "rented machine, said to be gone at 2026-11-28T12:01:40.000Z and 2026-11-28T12:02:10.000Z",
};

test("the time after the run is in the ledger, until the first word that the machine is gone", async () => {
  await chargeMachine(time, receipt, folder, runtime);
  expect(await ledger()).toEqual([line]);
  expect(notes).toEqual([]);
});

test("said again, it is in the ledger once", async () => {
  await chargeMachine(time, receipt, folder, runtime);
  await chargeMachine(time, receipt, folder, { ...runtime, now: () => new Date(ended + 9_000_000) });
  expect(await ledger()).toEqual([line]);
});

test("a machine that was gone before its run had ended costs nothing more", async () => {
  await chargeMachine({ ...time, sinceMs: receipt.absentMs[0] + 1 }, receipt, folder, runtime);
  expect((await ledger()).reduce((sum, { micro_usd }) => sum + Number(micro_usd), 0)).toBe(0);
});

test("a store that cannot be opened is said, and is no error", async () => {
  const broken = join(folder, "broken");
  mkdirSync(broken);
  writeFileSync(storePath(broken), "no database, but long enough to be taken for one".repeat(100));
  await chargeMachine(time, receipt, broken, runtime);
  expect(notes).toMatchObject([expect.stringContaining("the ledger lacks the end of the machine")]);
});
