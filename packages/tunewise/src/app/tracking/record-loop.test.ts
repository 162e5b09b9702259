/** @file Recorded loops: in the store while they run, charged, stopped and ended. */
import {
  findTrackedRun,
  openDatabase,
  type Point,
  readParams,
  readPoints,
  requestRunStop,
  setSharedBudget,
  storePath,
  type TrackedRun,
} from "@tunewise/tracker";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { reportCosts } from "./cost-report.ts";
import { type LoopRequest, type RecordedLoop, recordLoop } from "./record-loop.ts";

const root = temporaryFolder();
let count = 0;
let store = "";
let nowMs = 0;
let open: RecordedLoop[] = [];
const runtime: Runtime = {
  ...createRuntime(root, new AbortController().signal, "test"),
  now: () => new Date(nowMs),
  environment: { USER: "ada" },
};

beforeEach(() => {
  store = `store-${count++}`;
  nowMs = Date.UTC(2026, 11, 1);
  open = [];
});
afterEach(async () => {
  for (const loop of open) await loop.end();
});

async function start(request: Partial<LoopRequest> = {}): Promise<RecordedLoop> {
  const loop = await recordLoop({ project: "mine", store, ...request }, runtime);
  open.push(loop);
  return loop;
}

/** Reads the store beside the run's own connection. */
async function stored(id: string): Promise<{
  readonly run: TrackedRun;
  readonly points: readonly Point[];
  readonly params: Readonly<Record<string, string>>;
}> {
  const database = await openDatabase(storePath(`${root}/${store}`));
  try {
    const run = await findTrackedRun(database, id);
    const points = await readPoints(database, { run: run.number, key: "loss" }, { limit: 100, after: null });
    return { run, points, params: await readParams(database, run.number) };
  } finally {
    await database.close();
  }
}

test("a loop is a run with parameters, points and a cost", async () => {
  const loop = await start({ name: "first", params: { rate: 0.1, mixed: true }, usdPerHour: 3.6 });
  loop.log({ loss: 2, accuracy: 0.5 });
  loop.log({ loss: 1 }, { step: 10 });
  loop.log({ loss: Number.NaN });
  nowMs += 20_000;
  await loop.end();
  const { run, points, params } = await stored(loop.id);
  expect(run).toMatchObject({
    name: "first",
    client: "api",
    person: "ada",
    status: "completed",
    endedMs: nowMs,
  });
  expect(points.map(({ step, value }) => [step, value])).toEqual([
    [0, 2],
    [10, 1],
    [11, Number.NaN],
  ]);
  expect(params).toEqual({ rate: "0.1", mixed: "true" });
  const { groups } = await reportCosts({ store, by: "project" }, runtime);
  expect(groups).toEqual([{ name: "mine", runs: 1, microUsd: 20_000, seconds: 20 }]);
});

test("points are in the store before the end", async () => {
  const loop = await start();
  loop.log({ loss: 3 });
  await vi.waitFor(async () => expect((await stored(loop.id)).points).toHaveLength(1), 10_000);
  expect((await stored(loop.id)).run.status).toBe("running");
});

test("a stop request reaches the loop", async () => {
  const loop = await start();
  expect(loop.stopReason).toBeNull();
  await requestRunStop(loop.id, "enough", store, runtime);
  loop.log({ loss: 1 });
  await vi.waitFor(() => expect(loop.stopReason).toBe("enough"), 10_000);
  await loop.end({ status: "stopped" });
  expect((await stored(loop.id)).run.status).toBe("stopped");
});

test("a spent budget stops the loop and refuses the next", async () => {
  const loop = await start({ usdPerHour: 3600 });
  await setSharedBudget({ project: "mine", period: "total" }, "5usd", { store, by: "ada" }, runtime);
  nowMs += 10_000;
  loop.log({ loss: 1 });
  await vi.waitFor(() => expect(loop.stopReason).toContain("mine"), 10_000);
  await loop.end();
  await expect(start()).rejects.toMatchObject({ code: "SHARED_BUDGET_SPENT" });
});

test.each([
  ["step", (loop: RecordedLoop) => loop.log({ loss: 1 }, { step: 0.5 })],
  ["loss", (loop: RecordedLoop) => loop.log({ loss: "1" as unknown as number })],
  ["name of a metric", (loop: RecordedLoop) => loop.log({ "": 1 })],
])("an invalid %s is refused, and nothing of its call is kept", async (name, log) => {
  const loop = await start();
  expect(() => log(loop)).toThrow(
    expect.objectContaining({ code: "USAGE_VALUE_INVALID", message: expect.stringContaining(name) }),
  );
  await loop.end();
  expect((await stored(loop.id)).points).toEqual([]);
});

test("after the end nothing can be logged, and another end does nothing", async () => {
  const loop = await start();
  await loop.end();
  await loop.end();
  expect(() => loop.log({ loss: 1 })).toThrow("before end");
});

test.each([[""], ["x".repeat(251)]])("a project of %j is refused", async (project) => {
  await expect(start({ project })).rejects.toMatchObject({ code: "USAGE_VALUE_INVALID" });
});
