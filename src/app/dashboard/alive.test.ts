/** @file What is alive: a run on a rented machine is paid with that, and a reader sees no machine of others. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run as sampleRun } from "../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { messageLine, type RunSpec } from "../../run/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { findProject, openRuns, storePath } from "../../track/index.ts";
import type { AliveMachine } from "../rented/index.ts";
import { openTrackingContext } from "../tracking/index.ts";
import { readAlive } from "./alive.ts";

const usd = 1e6;
const machine = (name: string): AliveMachine =>
  ({
    ...{ name, provider: "dstack://cloud", offer: "l4", sinceMs: 1, seenMs: null, ending: null },
    ...{ usdPerHour: 3 * usd, spentUsd: usd, capUsd: 5 * usd, worstUsd: 6 * usd, leaseEndsMs: 99 },
  }) as AliveMachine;

/** Says that a run computes on a rented machine, and was heard of just now. */
function computeOn(output: string, run: string, address: string): void {
  const folder = join(output, "runs", run, "execution");
  mkdirSync(folder, { recursive: true });
  const torch = {
    kind: "torch",
    device: "cuda",
    dtype: "bfloat16",
    recompute: "none",
    processes: 1,
  } as const;
  const spec: RunSpec = {
    ...{ v: 1, run, folder: ".", recipe: { configuration: "{}", folder: ".", sha256: "0".repeat(64) } },
    ...{ model: { source: "m", revision: "r" }, data: { fingerprint: "f" }, until: null, sweep: null },
    placement: { ...torch, host: { address, leaseSeconds: 600, onLeaseEnd: null, eventsAhead: 0 } },
    limits: { seconds: null },
  };
  writeFileSync(join(folder, "spec.json"), messageLine(spec));
  writeFileSync(join(folder, "contact"), "");
}

test("sums runs and machines, each once, for who may see them", async () => {
  const output = await temporaryFolder();
  const runtime = createRuntime(output, new AbortController().signal, "test");
  const store = await openRuns(output);
  const id = "20261124-204512-one-0001";
  await store.createRun(sampleRun(id, { name: "one" }));
  const spend = { runId: id, time: new Date().toISOString(), kind: "train", priceSource: "test" };
  await store.record({
    spend: [{ ...spend, spent: 1 as never, duration: 1 as never, priceUsdPerHour: (2 * usd) as never }],
  });
  await store.close();
  const context = {
    ...(await openTrackingContext({ store: storePath(output), artifacts: output }, runtime)),
    output,
  };
  onTestFinished(() => context.close());
  const machines = async (): Promise<AliveMachine[]> => [machine("tunewise-a-1")];
  const all = await readAlive(context, machines, null);
  expect(all.runs).toMatchObject([{ id, microUsdPerHour: 2 * usd, leaseEndsMs: null, projectName: "one" }]);
  expect(all.machines).toMatchObject([
    { name: "tunewise-a-1", run: null, worstMicroUsd: 6 * usd, isEnding: false },
  ]);
  expect([all.microUsdPerHour, all.unpricedRuns]).toEqual([5 * usd, 0]);
  // nobody knows whose machine it is on which no run works
  const one = (await findProject(context.database, { name: "one" }))?.number ?? -1;
  const reader = await readAlive(context, machines, { sql: "number = ?", values: [one] });
  expect([reader.runs.length, reader.machines, reader.microUsdPerHour]).toEqual([1, [], 2 * usd]);
  expect((await readAlive(context, null, null)).microUsdPerHour).toBe(2 * usd);

  computeOn(output, id, "ssh://tunewise-a-12"); // the machine of another attempt
  expect((await readAlive(context, machines, null)).machines[0]?.run).toBeNull();
  computeOn(output, id, "ssh://tunewise-a-1");
  const paid = await readAlive(context, machines, { sql: "number = ?", values: [one] });
  expect(paid.machines).toMatchObject([{ name: "tunewise-a-1", run: id }]);
  expect(paid.microUsdPerHour).toBe(3 * usd);
  const lease = (paid.runs[0]?.leaseEndsMs ?? 0) - Date.now();
  expect(lease).toBeGreaterThan(500_000);
  expect(lease).toBeLessThanOrEqual(600_000);
});
