/**
 * @file What costs money now: a run on a rented machine costs the machine's price, and readers see no machines of other
 * projects.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageLine, type RunSpec } from "@tunewise/core/run";
import {
  addCharge,
  addTrackedRun,
  findProject,
  openRuns,
  openTrackingContext,
  readMonth,
  storePath,
} from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { run as sampleRun } from "../../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { createRuntime } from "../../runtime/index.ts";
import type { AliveMachine } from "../rented/index.ts";
import { readAlive } from "./alive.ts";
import { createHome } from "./home.ts";
import { createMoneyContext, readMoneyOutlook } from "./money.ts";

const usd = 1e6;
const machine = (name: string): AliveMachine =>
  ({
    name,
    provider: "dstack://cloud",
    offer: "l4",
    sinceMs: 1,
    seenMs: null,
    ending: null,
    usdPerHour: 3 * usd,
    spentUsd: usd,
    capUsd: 5 * usd,
    worstUsd: 6 * usd,
    leaseEndsMs: 99,
  }) as AliveMachine;

/** Records that a run computes on a rented machine and reported just now. */
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
    v: 1,
    run,
    folder: ".",
    recipe: { configuration: "{}", folder: ".", sha256: "0".repeat(64) },
    model: { source: "m", revision: "r" },
    data: { fingerprint: "f" },
    until: null,
    sweep: null,
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
  // a machine without a run belongs to no known project
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

test("counts and prices every run at work, however many there are, and the silent ones among them", async () => {
  const output = await temporaryFolder();
  const runtime = createRuntime(output, new AbortController().signal, "test");
  const price = { microUsdPerHour: 3, source: "test" };
  const places = { store: storePath(output), artifacts: output };
  const context = { ...(await openTrackingContext(places, runtime, { price })), output };
  onTestFinished(() => context.close());
  const run = { project: 0, status: "running", client: "mlflow", person: "", purpose: "experiment" } as const;
  const nowMs = runtime.now().getTime();
  await context.database.transaction(async (transaction) => {
    for (let at = 0; at < 1_000; at++) {
      const [id, startedMs] = [`r${at}`, at < 7 ? nowMs - 26 * 60_000 : nowMs];
      const same = { fingerprint: null, family: null, tags: [] };
      await addTrackedRun(transaction, { ...run, ...same, id, name: id, startedMs });
    }
  });
  const { runs, microUsdPerHour, silentRuns } = await readAlive(context, null, null);
  expect([runs.length, microUsdPerHour, silentRuns]).toEqual([1_000, 3_000, 7]);
  const home = await createHome(createMoneyContext(context))(null);
  expect(home.alive).toEqual({ count: 1_000, silent: 7, microUsdPerHour: 3_000 });
  const { alive } = await readMoneyOutlook(createMoneyContext(context), 0, null);
  expect([alive.runs.items.length, alive.runs.total]).toEqual([500, 1_000]);
});

test("runs that cost nothing are not paid for", async () => {
  const output = await temporaryFolder();
  const runtime = createRuntime(output, new AbortController().signal, "test");
  const context = await openTrackingContext({ store: storePath(output), artifacts: output }, runtime);
  onTestFinished(() => context.close());
  const nowMs = runtime.now().getTime();
  await context.database.transaction(async (transaction) => {
    for (const [id, microUsd] of [
      ["free", 0],
      ["paid", 5],
    ] as const) {
      const about = {
        project: 0,
        status: "completed",
        client: "mlflow",
        person: "",
        purpose: "experiment",
      } as const;
      const same = { name: id, startedMs: nowMs, fingerprint: null, family: null, tags: [] };
      const { number } = await addTrackedRun(transaction, { ...about, ...same, id });
      const line = {
        run: number,
        ms: nowMs,
        kind: "other",
        quantity: 0,
        unit: "",
        source: "a bill",
      } as const;
      await addCharge(transaction, { ...line, microUsd });
    }
  });
  expect(await readMonth(context.database, nowMs, null)).toMatchObject({ microUsd: 5, runs: 1 });
});
