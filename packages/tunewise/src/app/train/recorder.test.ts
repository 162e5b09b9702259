/** @file Entries that could be written neither to the journal nor to the store are written with the next batch. */

import type { MeteredPart, Seconds, Usd } from "@tunewise/core/quantity";
import type { RecordBatch } from "@tunewise/tracker";
import { expect, it } from "vitest";
import { problem } from "../../problem/index.ts";
import { Meter } from "../runs/index.ts";
import { Recorder, type RecorderTargets } from "./recorder.ts";

const nothing: MeteredPart = { duration: 0 as Seconds, spent: 0 as Usd };
const full = problem("RUN_FILE_WRITE_FAILED", { path: "record.jsonl", folder: ".", reason: "disk full" });

it("charges for time whose line could not be written, once", async () => {
  let elapsed = 0;
  const failures: unknown[] = [full];
  const batches: RecordBatch[] = [];
  const store = {
    record: async (batch: RecordBatch) => {
      const failure = failures.shift();
      if (failure) throw failure;
      batches.push(batch);
    },
    standing: async () => ({ budgets: [], stop: null }),
  };
  const recorder = new Recorder({
    runId: "a",
    recipe: { name: "a", machine: { source: "the test" } },
    store,
    log: { lines: 0, add: async () => undefined, sync: async () => undefined },
    meter: new Meter(() => elapsed, 3600, nothing),
    attached: { freeze: async () => undefined },
    now: () => new Date(0),
    elapsedSeconds: () => elapsed,
    watch: () => undefined,
    live: { add: () => undefined, stopReason: null },
  } as unknown as RecorderTargets);
  await recorder.record({ kind: "step-end", step: 1, loss: 1 } as unknown as Parameters<
    Recorder["record"]
  >[0]);
  elapsed = 4;
  await expect(recorder.write()).rejects.toBe(full);
  elapsed = 6;
  await recorder.write();
  elapsed = 7;
  await recorder.write();
  const lines = batches.map(({ spend = [] }) => spend.map(({ spent, duration }) => [spent, duration]));
  expect(lines).toEqual([[[6_000_000, 6]], [[1_000_000, 1]]]);
  expect(batches.map(({ events }) => events?.items.length)).toEqual([1, 0]);
});
