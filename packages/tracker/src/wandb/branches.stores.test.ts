/** @file Forks, summaries, alerts and rows of W&B clients, on each database. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { readPoints } from "../points/history.ts";
import { createWriter, type Write } from "../tracking/writer.ts";
import { addAlert, readAlerts } from "./alerts.ts";
import { branchPointIn, forkHistory } from "./fork.ts";
import { allSteps, readHistoryKeys, readRows, sampleRows } from "./history-rows.ts";
import { metricAxes } from "./metric-axes.ts";
import { readConsole } from "./run-lines.ts";
import { writeStream } from "./stream.ts";
import { keepSummary, readSummaryValues } from "./summary.ts";
import { addWandbRun, findWandbRun, openWandbProject, type WandbRun } from "./wandb-run.ts";

const nothing = { history: null, events: null, console: null, summary: null, exitCode: null };

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<{
    readonly database: Database;
    readonly write: Write;
    readonly add: (name: string) => Promise<WandbRun>;
    readonly log: (run: WandbRun, rows: readonly object[], offset?: number) => Promise<void>;
  }> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    const add = (name: string): Promise<WandbRun> =>
      write(async (transaction) => {
        const path = { entity: "tunewise", project: "tickets", name };
        const { number } = await openWandbProject(transaction, path, 0);
        const about = {
          project: number,
          displayName: name,
          person: "",
          spareId: `spare-${name}`,
          tags: [],
          nowMs: 0,
        };
        return addWandbRun(transaction, path, {
          ...about,
          fingerprint: null,
          family: null,
          launchedBy: null,
        });
      });
    const log = (run: WandbRun, rows: readonly object[], offset = 0): Promise<void> =>
      write((transaction) => {
        const content = rows.map((row, at) => JSON.stringify({ _step: offset + at, _timestamp: at, ...row }));
        return writeStream(transaction, run.run.number, { ...nothing, history: { offset, content } }, 0);
      });
    return { database, write, add, log };
  }

  const steps = (rows: readonly { readonly step: number }[] | null): number[] | undefined =>
    rows?.map(({ step }) => step);

  it("a fork has the history up to its step, and a fork of it too", async () => {
    const { database, write, add, log } = await store();
    const [a, b, c] = [await add("a"), await add("b"), await add("c")];
    await log(a, [{ loss: 3, word: "x" }, { loss: 2, word: "y" }, { loss: 1 }]);
    await write((transaction) => forkHistory(transaction, a, b, 1));
    await log(b, [{ loss: 9, word: "z" }]);
    await write((transaction) => forkHistory(transaction, b, c, 0));
    const of = async (run: WandbRun): Promise<unknown> =>
      (await readRows(database, run.run.number, "history", allSteps))?.map(({ step, values }) => [
        step,
        ...values.values(),
      ]);
    expect(await of(a)).toEqual([
      [0, 3, "x"],
      [1, 2, "y"],
      [2, 1],
    ]);
    // Its own first line is step 0 again: the later value wins.
    expect(await of(b)).toEqual([
      [0, 9, "z"],
      [1, 2, "y"],
    ]);
    expect(await of(c)).toEqual([[0, 9, "z"]]);
    expect((await findWandbRun(database, { number: b.run.number }))?.historyLines).toBe(1);
    const tooLarge = write((transaction) => forkHistory(transaction, a, c, 2, 2));
    await expect(tooLarge).rejects.toMatchObject({ code: "FORK_TOO_LARGE", params: { most: 2, step: 2 } });
  });

  it("a number that only the summary has is a value at a step below 0", async () => {
    const { database, write, add, log } = await store();
    const run = await add("a");
    const number = run.run.number;
    const points = async (key: string): Promise<unknown> =>
      (await readPoints(database, { run: number, key }, { limit: 9, after: null })).map(({ step, value }) => [
        step,
        value,
      ]);
    await log(run, [{ loss: 2 }, { loss: 1 }]);
    const keep = (summary: string): Promise<void> =>
      write((transaction) => keepSummary(transaction, number, summary, 5));
    await keep(
      '{"loss": 1, "acc": {"max": 0.5}, "nan": NaN, "word": "w", "_step": 1, "table": {"_type": "table-file"}}',
    );
    await keep('{"loss": 1, "acc": {"max": 0.75}, "nan": NaN}');
    expect([await points("loss"), await points("acc.max")]).toEqual([
      [
        [0, 2],
        [1, 1],
      ],
      [[-1, 0.75]],
    ]);
    expect(await points("nan")).toEqual([[-1, Number.NaN]]);
    expect([await points("word"), await points("_step"), await points("table._type")]).toEqual([[], [], []]);
    expect(steps(await readRows(database, number, "history", allSteps))).toEqual([0, 1]);
    expect((await readHistoryKeys(database, number, "history")).keys.map(({ key }) => key)).toEqual(["loss"]);
    expect([...(await readSummaryValues(database, number))]).toEqual([
      ["loss", 1],
      ["acc.max", 0.75],
      ["nan", Number.NaN],
    ]);
    // The summary states when the program last logged, so that a repeated summary gives the same point.
    await keep('{"late": 1, "_timestamp": 12.5}');
    const page = { limit: 9, after: null };
    expect(await readPoints(database, { run: number, key: "late" }, page)).toEqual([
      { step: -1, ms: 12_500, value: 1 },
    ]);
    // The summary may arrive before the first row with its key.
    await log(run, [{ acc: { max: 0.5 } }, { acc: { max: 0.75 } }], 2);
    expect(await points("acc.max")).toEqual([
      [2, 0.5],
      [3, 0.75],
    ]);
    expect((await readHistoryKeys(database, number, "history")).keys).toEqual([
      { key: "acc.max", count: 2, last: 0.75 },
      { key: "loss", count: 2, last: 1 },
    ]);
    await keep("no JSON");
    expect([...(await readSummaryValues(database, number))]).toEqual([]);
  });

  it("a run takes so many alerts, and no more", async () => {
    const { database, write, add } = await store();
    const { number } = (await add("a")).run;
    const alert = { title: "t\u0000", text: "x", severity: "WARN", ms: 7 } as const;
    await write(async (transaction) => {
      for (let at = 0; at < 1_000; at++) await addAlert(transaction, number, alert);
    });
    const more = write((transaction) => addAlert(transaction, number, alert));
    await expect(more).rejects.toMatchObject({ code: "ALERTS_TOO_MANY" });
    const kept = await readAlerts(database, number);
    expect([kept.length, kept[0]]).toEqual([1_000, { ...alert, title: "t\uFFFD" }]);
  });

  it("rows come in windows, of some keys, within a limit, and sampled with their spikes", async () => {
    const { database, add, log } = await store();
    const run = await add("a");
    const { number } = run.run;
    const rows = Array.from({ length: 600 }, (_row, at) => ({
      loss: at === 333 ? -99 : at,
      ...(at % 50 === 0 ? { seldom: at } : {}),
      ...(at === 5 ? { word: "w" } : {}),
    }));
    await log(run, rows);
    const window = (from: number, to: number, keys?: string[]) => ({ from, to, keys });
    expect(steps(await readRows(database, number, "history", window(10, 13)))).toEqual([10, 11, 12]);
    expect(steps(await readRows(database, number, "history", window(0, 120, ["seldom", "word"])))).toEqual([
      0, 5, 50, 100,
    ]);
    expect(await readRows(database, number, "history", window(0, 10), 10)).toBeNull();
    expect(await readRows(database, number, "history", window(0, 10, []), 10)).toEqual([]);
    const about = { number, rows: 600 };
    const shown = steps(await sampleRows(database, about, "history", allSteps, 40)) ?? [];
    expect(shown.length).toBeLessThanOrEqual(40);
    expect([shown[0], shown.includes(333), shown.at(-1)]).toEqual([0, true, 599]);
    const keyed = await sampleRows(database, about, "history", { ...allSteps, keys: ["loss", "seldom"] }, 40);
    expect(steps(keyed)).toEqual(Array.from({ length: 12 }, (_row, at) => at * 50));
    expect(steps(await sampleRows(database, about, "history", { ...allSteps, keys: ["word"] }, 40))).toEqual([
      5,
    ]);
    expect(await sampleRows(database, about, "history", { ...allSteps, keys: ["none"] }, 40)).toEqual([]);
    expect(await readRows(database, number, "events", allSteps)).toEqual([]);
    expect((await readHistoryKeys(database, number, "history")).lastStep).toBe(599);
  });

  it("system metrics and the console are rows and lines of their own", async () => {
    const { database, write, add } = await store();
    const run = await add("a");
    const part = {
      ...nothing,
      events: { offset: 0, content: ['{"_timestamp": 3, "system.cpu": 50}'] },
      console: { offset: 0, content: ["one", "two", "three"] },
    };
    await write((transaction) => writeStream(transaction, run.run.number, part, 0));
    const [row] = (await readRows(database, run.run.number, "events", allSteps)) ?? [];
    expect([...(row?.values ?? [])]).toEqual([["system.cpu", 50]]);
    expect(await readConsole(database, run.run.number, { from: 1, limit: 1 })).toEqual({
      lines: [{ line: 1, text: "two" }],
      total: 3,
    });
  });
});

test("branch points and axes are read as clients write them", () => {
  const config = (value: object): string => JSON.stringify({ _wandb: { value } });
  expect(branchPointIn(config({ branch_point: { run_id: "a", step: 3 } }))).toEqual({ run: "a", step: 3 });
  for (const text of [null, "", "{}", config({}), config({ branch_point: { run_id: 1, step: 3 } })])
    expect(branchPointIn(text)).toBeNull();
  const m = [
    { 1: "epoch", 6: [3] },
    { 1: "score", 5: 1, 6: [1, 3] },
    { 1: "f1", 4: "epoch" },
    { 1: "odd", 5: 9 },
    "x",
  ];
  expect([...metricAxes(config({ m }))]).toEqual([
    ["score", "epoch"],
    ["f1", "epoch"],
  ]);
});
