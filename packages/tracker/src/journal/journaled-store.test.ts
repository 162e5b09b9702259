/** @file Everything recorded about a run is in its folder's journal, and reaches any store from there exactly once. */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bytes, seconds, usd } from "@tunewise/core/quantity";
import type { EventBody, RunEvent } from "@tunewise/core/run";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { run, time } from "../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { eventLine } from "../event-log.ts";
import { openJournaledStore, openStore } from "../open-store.ts";
import { type RunFolder, runFolderAt } from "../run-folder.ts";
import type { RecordBatch, Store } from "../store.ts";
import type { JournaledStore } from "./journaled-store.ts";

const id = "20261124-204512-tickets-7f3a";

/** An output folder that contains a run's folder. */
async function output(): Promise<{ readonly place: string; readonly folder: RunFolder }> {
  const place = await temporaryFolder();
  const folder = runFolderAt(join(place, "runs", id));
  mkdirSync(folder.path, { recursive: true });
  writeFileSync(folder.plan, '{"a":"plan"}');
  return { place, folder };
}

async function opened(place: string): Promise<JournaledStore> {
  const store = await openJournaledStore(join(place, "tunewise.db"), join(place, "runs"));
  let isOpen = true;
  const close = store.close.bind(store);
  onTestFinished(async () => {
    if (isOpen) await close();
  });
  return {
    ...store,
    close: async () => {
      isOpen = false;
      await close();
    },
  };
}

function step(at: number): RunEvent {
  const event: EventBody = {
    kind: "step-end",
    step: at,
    steps: 99,
    loss: at === 3 ? Number.NaN : 1 / at,
    penalty: 0,
    learningRate: 1e-4,
    gradientNorm: 1,
    updateRatio: 1,
    tokens: 5,
    labelledTokens: 5,
    wallSeconds: 1,
    spentMicroUsd: at,
  };
  return { v: 1, run: id, seq: at, time, ...event };
}

/** A batch whose events are already in the log, as a recorder writes it. */
function batch(folder: RunFolder, at: number): RecordBatch {
  const items = [step(at)];
  appendFileSync(folder.events, `${items.map(eventLine).join("\n")}\n`);
  const line = { runId: id, time, kind: "train", spent: usd(0.01 * at), duration: seconds(1) };
  return {
    run: { id, change: { spentMicroUsd: at, wallSeconds: at } },
    events: { runId: id, items },
    spend: [{ ...line, priceUsdPerHour: usd(36), priceSource: "test" }],
    scores: [
      {
        runId: id,
        arm: "tuned",
        metric: "perplexity",
        value: Number.POSITIVE_INFINITY,
        low: null,
        high: 2,
        rows: at,
      },
    ],
    artifacts: [{ runId: id, path: "adapter/x", bytes: bytes(at), sha256: "abc" }],
  };
}

async function contentOf(store: Store): Promise<unknown> {
  return {
    run: await store.findRun(id),
    loss: await store.metricHistory(id, "train/loss"),
    keys: await store.metricKeys(id),
    events: await store.events(id),
    spend: await store.spend(id),
    scores: await store.scores(id),
    artifacts: await store.artifacts(id),
    tags: await store.tags(id),
  };
}

describe("a disk that fails once", () => {
  test("costs what was written then, and not what is written afterwards", async () => {
    const { place, folder } = await output();
    const store = await opened(place);
    await store.createRun(run(id));
    await store.close();
    const again = await opened(place);
    renameSync(folder.record, `${folder.record}.away`);
    mkdirSync(folder.record); // The journal cannot be opened.
    const score = { run: { id, change: { summary: '{"a":1}' } } };
    await expect(again.record(score)).rejects.toMatchObject({ code: "RUN_FILE_WRITE_FAILED" });
    rmdirSync(folder.record);
    renameSync(`${folder.record}.away`, folder.record);
    await again.record(score);
    expect((await again.findRun(id)).summary).toBe('{"a":1}');
  });
});

describe("a store that was moved away", () => {
  test("is made again from the run's folder, with everything it held", async () => {
    const { place, folder } = await output();
    const store = await opened(place);
    await store.createRun(run(id), { fingerprint: "f", family: "g", forced: "once more", dead: [] });
    for (let at = 1; at <= 5; at++) await store.record(batch(folder, at));
    await store.record({ run: { id, change: { status: "completed", endedAt: time, summary: '{"a":1}' } } });
    const before = await contentOf(store);
    await store.close();
    for (const end of ["", "-wal", "-shm"]) rmSync(join(place, `tunewise.db${end}`), { force: true });
    const made = await opened(place);
    expect(await made.catchUp(id)).toBe(7);
    expect(await contentOf(made)).toEqual(before);
    expect(await made.catchUp(id)).toBe(0);
    // The run keeps its fingerprints.
    const claim = { fingerprint: "f", family: "g", forced: null, dead: [] };
    expect((await made.createRun(run("20261124-204513-tickets-7f3b"), claim))?.id).toBe(id);
    expect(readFileSync(folder.record, "utf8")).toContain(JSON.stringify('{"a":"plan"}'));
  });

  test("is made again from a journal whose run names neither project nor hyper-parameters", async () => {
    const { place, folder } = await output();
    const store = await opened(place);
    await store.createRun(run(id, { project: "other", params: { r: "8" } }));
    for (let at = 1; at <= 3; at++) await store.record(batch(folder, at));
    const spent = await store.totalSpend(id);
    await store.close();
    const [first = "", ...rest] = readFileSync(folder.record, "utf8").split("\n");
    const entry = JSON.parse(first) as { run: Record<string, unknown> };
    for (const key of ["project", "params"]) delete entry.run[key];
    writeFileSync(folder.record, [JSON.stringify(entry), ...rest].join("\n"));
    for (const end of ["", "-wal", "-shm"]) rmSync(join(place, `tunewise.db${end}`), { force: true });
    const made = await opened(place);
    expect(await made.catchUp(id)).toBe(4);
    expect(await made.totalSpend(id)).toEqual(spent);
  });

  test("whatever was written, noted down alone, killed or caught up in between, holds each entry once", async () => {
    const actions = fc.array(fc.constantFrom("record", "note", "catch-up", "reopen", "lose", "torn"), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const { place, folder } = await output();
        let store = await opened(place);
        await store.createRun(run(id));
        let written = 0;
        for (const action of list) {
          if (action === "record") await store.record(batch(folder, ++written));
          if (action === "note") await store.note(batch(folder, ++written));
          if (action === "catch-up") await store.catchUp(id);
          if (action === "torn" && written > 0) appendFileSync(folder.record, '{"seq":99,"kind":"bat');
          if (["reopen", "lose", "torn"].includes(action)) {
            await store.close();
            if (action === "lose") rmSync(join(place, "tunewise.db"), { force: true });
            store = await opened(place);
            await store.catchUp(id);
          }
        }
        await store.catchUp(id);
        expect(await store.events(id)).toEqual(Array.from({ length: written }, (_, at) => step(at + 1)));
        expect((await store.spend(id)).length).toBe(written);
        expect((await store.metricHistory(id, "train/loss")).length).toBe(written);
        // The sum of its ledger entries: 0.01 dollars times 1, 2, 3 ...
        expect((await store.findRun(id)).spentMicroUsd).toBe((10_000 * written * (written + 1)) / 2);
        await store.close();
      }),
      { numRuns: 12 },
    );
  });
});

test("events that a kill left out of the journal come into the store with the next session", async () => {
  const { place, folder } = await output();
  const store = await opened(place);
  await store.createRun(run(id));
  await store.record(batch(folder, 1));
  appendFileSync(folder.events, `${eventLine(step(2))}\n${eventLine(step(3))}\n`);
  await store.close();
  const next = await opened(place);
  await next.record(batch(folder, 4));
  expect((await next.metricHistory(id, "train/loss")).map(({ step: at }) => at)).toEqual([1, 2, 3, 4]);
});

test("a run from before there were journals gets one from the store, and can be made again from it", async () => {
  const { place, folder } = await output();
  const old = await openStore(join(place, "tunewise.db"));
  await old.createRun(run(id), { fingerprint: "f", family: "g", forced: null, dead: [] });
  for (let at = 1; at <= 3; at++) await old.record(batch(folder, at));
  await old.close();
  const store = await opened(place);
  await store.record(batch(folder, 4));
  const before = await contentOf(store);
  await store.close();
  rmSync(join(place, "tunewise.db"));
  const made = await opened(place);
  await made.catchUp(id);
  expect(await contentOf(made)).toEqual(before);
});

test("a run that is taken up again is at work, and the same cannot begin meanwhile", async () => {
  const { place } = await output();
  const store = await opened(place);
  const claim = { fingerprint: "f", family: "g", forced: null, dead: [] };
  await store.createRun(run(id), claim);
  await store.record({ run: { id, change: { status: "interrupted", endedAt: time } } });
  expect(await store.takeUp(id, claim)).toBeNull();
  expect(await store.findRun(id)).toMatchObject({ status: "running", endedAt: null });
  const other = "20261124-204513-tickets-7f3b";
  expect((await store.createRun(run(other), claim))?.id).toBe(id);
  // And in the reverse order.
  await store.record({ run: { id, change: { status: "interrupted", endedAt: time } } });
  expect(await store.createRun(run(other), claim)).toBeNull();
  expect((await store.takeUp(id, claim))?.id).toBe(other);
  expect(await store.takeUp(id, { ...claim, dead: [other] })).toBeNull();
  expect(await store.takeUp(id, { ...claim, forced: "sure" })).toBeNull();
});

test("a damaged line costs that entry alone", async () => {
  const { place, folder } = await output();
  const store = await opened(place);
  await store.createRun(run(id));
  for (let at = 1; at <= 3; at++) await store.record(batch(folder, at));
  await store.close();
  const lines = readFileSync(folder.record, "utf8").split("\n");
  writeFileSync(folder.record, [lines[0], lines[1], "garbage", lines[3], ""].join("\n"));
  rmSync(join(place, "tunewise.db"));
  const made = await opened(place);
  await made.catchUp(id);
  expect((await made.spend(id)).length).toBe(2);
  truncateSync(folder.record, 0);
  expect(await made.catchUp(id)).toBe(0);
});
