/** @file Each run's waste is judged once, and again only after a change. Cached judgements never change a report. */

import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { createRunTable } from "../table/run-table.ts";
import { logBatch } from "../tracking/log-batch.ts";
import { addTrackedRun, changeTrackedRun, findTrackedRun } from "../tracking/runs.ts";
import type { TrackedStatus } from "../tracking/types.ts";
import { createWriter, type Write } from "../tracking/writer.ts";
import { judgeEndedRuns } from "./judge-waste.ts";
import { addSpend } from "./spend.ts";
import { reportSpending } from "./spending.ts";

const startMs = Date.UTC(2026, 10, 1);
const hour = 3_600_000;

/** Test description of a run, by default with one hour, one dollar and a few losses. */
interface Told {
  readonly status: TrackedStatus;
  readonly losses: readonly number[];
  readonly microUsd: number;
  readonly fingerprint: string | null;
}

const told = (more: Partial<Told> = {}): Told => ({
  status: "completed",
  losses: [3, 2, 1],
  microUsd: 1e6,
  fingerprint: null,
  ...more,
});

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(runs: readonly Told[]): Promise<{ database: Database; write: Write }> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    await addRuns(write, runs);
    return { database, write };
  }

  async function addRuns(write: Write, runs: readonly Told[]): Promise<void> {
    for (const [at, { status, losses, microUsd, fingerprint }] of runs.entries()) {
      await write(async (transaction) => {
        const startedMs = startMs + at;
        const about = {
          client: "mlflow",
          project: 0,
          purpose: "experiment",
          family: null,
          tags: [],
        } as const;
        const more = { id: `r${at}`, name: "", status, person: "", startedMs, fingerprint };
        const { id, number } = await addTrackedRun(transaction, { ...about, ...more });
        const metrics = losses.map((value, step) => ({
          key: "eval_loss",
          value,
          step,
          ms: startedMs + ((step + 1) * hour) / (losses.length + 1),
        }));
        await logBatch(transaction, id, { metrics, params: [], tags: [] }, startedMs + hour);
        if (status !== "running") await changeTrackedRun(transaction, number, { endedMs: startedMs + hour });
        await spend(write, number, microUsd, transaction);
      });
    }
  }

  async function spend(
    write: Write,
    run: number,
    microUsd: number,
    transaction?: Parameters<Parameters<Write>[0]>[0],
  ): Promise<void> {
    const line = {
      run,
      ms: startMs + hour,
      kind: "machine",
      microUsd,
      seconds: 3600,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: microUsd,
      priceSource: "test",
    };
    if (transaction) await addSpend(transaction, line);
    else await write((own) => addSpend(own, line));
  }

  /** Waste of all runs as the table shows it, in dollars. */
  async function shown(database: Database): Promise<unknown[]> {
    const { ids, columns } = await createRunTable(database).read({
      scope: { projects: null, readable: null, stage: "active" },
      where: null,
      group: [],
      pinned: [],
      offset: 0,
      limit: 100,
      revision: null,
      order: [{ column: { of: "attribute", name: "run_id" }, isDescending: false }],
      columns: [
        { of: "attribute", name: "waste" },
        { of: "attribute", name: "waste_kind" },
      ],
    });
    return ids.map((_id, at) => columns.map(({ values }) => values[at] ?? null));
  }

  const all = { limit: 100, isThorough: true };

  it("judges what has ended, and nothing twice", async () => {
    const context = await store([
      told({ fingerprint: "same" }),
      told({ fingerprint: "same", microUsd: 2e6 }),
      told({ status: "failed", microUsd: 5e5 }),
      told({ losses: [1, 2, 3] }),
      told({ status: "running" }),
      told({ microUsd: 0, losses: [1, 2, 3] }),
    ]);
    expect(await shown(context.database)).toEqual(Array(6).fill([null, null]));
    expect(await judgeEndedRuns(context, all)).toBe(5);
    expect(await judgeEndedRuns(context, all)).toBe(0);
    expect(await shown(context.database)).toEqual([
      ...[
        [0, null],
        [2, "duplicate"],
        [0.5, "failed"],
        [0.5, "past-best"],
      ],
      ...[
        [null, null],
        [0, null],
      ],
    ]);
  });

  it("judges again what changed, whoever changed it", async () => {
    const context = await store([told({ fingerprint: "same" }), told({ fingerprint: "same" }), told()]);
    const { database, write } = context;
    await judgeEndedRuns(context, all);
    expect((await shown(database))[1]).toEqual([1, "duplicate"]);
    const { number } = await findTrackedRun(database, "r1");
    await spend(write, number, 3e6);
    expect((await shown(database))[1]).toEqual([null, null]);
    expect(await judgeEndedRuns(context, { ...all, isThorough: false })).toBe(0);
    expect(await judgeEndedRuns(context, all)).toBe(1);
    expect((await shown(database))[1]).toEqual([4, "duplicate"]);
    // once the earlier run is deleted, this run is no longer a duplicate
    const { number: first } = await findTrackedRun(database, "r0");
    await write((transaction) => changeTrackedRun(transaction, first, { stage: "deleted" }));
    expect((await shown(database))[0]).toEqual([null, null]);
    await judgeEndedRuns(context, all);
    expect(await shown(database)).toEqual([
      [0, null],
      [0, null],
    ]);
    const late = { key: "eval_loss", value: 9, step: 9, ms: startMs + hour };
    await write((transaction) =>
      logBatch(transaction, "r2", { metrics: [late], params: [], tags: [] }, startMs + hour + 5),
    );
    await judgeEndedRuns(context, all);
    expect((await shown(database))[1]).toEqual([expect.any(Number), "past-best"]);
  });

  it("goes no further than it is told, the newest first", async () => {
    const context = await store(Array.from({ length: 5 }, () => told({ status: "failed" })));
    expect(await judgeEndedRuns(context, { limit: 2, isThorough: false })).toBe(2);
    expect((await shown(context.database)).map((cells) => (cells as unknown[])[0])).toEqual([
      ...[null, null, null, 1, 1],
    ]);
    expect(await judgeEndedRuns(context, { limit: 200, isThorough: false })).toBe(3);
  });

  it("judges a whole store in one go, and lets other work have its turn", async () => {
    const context = await store([
      ...Array.from({ length: 120 }, () => told({ microUsd: 0 })),
      ...Array.from({ length: 120 }, (__, at) => told({ losses: at % 2 === 0 ? [1, 2, 3] : [1, 2] })),
    ]);
    let [turns, isOver] = [0, false];
    const others = (async () => {
      for (; !isOver; turns++) await new Promise((turn) => setImmediate(turn));
    })();
    expect(await judgeEndedRuns(context, { limit: 1_000, isThorough: false })).toBe(240);
    isOver = true;
    await others;
    expect(turns).toBeGreaterThan(12);
    const sum =
      "SELECT count(*) AS runs, sum(waste_micro_usd) AS waste FROM runs WHERE waste_basis IS NOT NULL";
    expect(await context.database.all(sum)).toMatchObject([{ runs: 240, waste: 60 * 500_000 }]);
  });

  it("leaves every report as it was", { timeout: 120_000 }, async () => {
    const run = fc.record({
      status: fc.constantFrom<TrackedStatus>("completed", "failed", "running", "stopped"),
      losses: fc.array(fc.constantFrom(1, 2, 3, Number.NaN), { maxLength: 5 }),
      microUsd: fc.constantFrom(0, 1, 1_000_003),
      fingerprint: fc.constantFrom(null, "a", "b"),
    });
    const context = await store([]);
    const { database, write } = context;
    const reports = async () => {
      const found = [];
      for (const until of ["2026-11", "2026-12", "2026-11-02"])
        found.push(await reportSpending(database, { by: "run", until }));
      return found;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), async (runs) => {
        await write(async (transaction) => {
          for (const table of ["spend", "points", "series", "params", "tags", "runs"])
            await transaction.run(`DELETE FROM ${table}`);
        });
        await addRuns(write, runs);
        const before = await reports();
        await judgeEndedRuns(context, all);
        expect(await reports()).toEqual(before);
        await spend(write, (await findTrackedRun(database, "r0")).number, 17);
        const changed = await reports();
        await judgeEndedRuns(context, all);
        expect(await reports()).toEqual(changed);
      }),
      { numRuns: 30 },
    );
  });
});
