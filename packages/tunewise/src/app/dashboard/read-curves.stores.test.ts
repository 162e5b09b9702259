/** @file Curves as columns along steps, time and dollars: complete, in part, and with non-finite values. */

import {
  addCharge,
  addTrackedRun,
  logBatch,
  openTrackingContext,
  readTrackedRuns,
  settleRun,
} from "@tunewise/tracker";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { type CurvesRequest, readCurves } from "./read-curves.ts";

const startMs = 1_000_000;
/** $0.001 per second. */
const price = { microUsdPerHour: 3_600_000, source: "a list" };

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store() {
    let nowMs = startMs;
    const place = { store: await make(), artifacts: await temporaryFolder() };
    const runtime = { now: () => new Date(nowMs), random: Math.random };
    const context = await openTrackingContext(place, runtime, { price });
    onTestFinished(() => context.close());
    for (const id of ["a", "b"])
      await context.write((transaction) =>
        addTrackedRun(transaction, {
          id,
          project: 0,
          name: id,
          status: "running",
          client: "mlflow",
          person: "",
          tags: [],
          purpose: "experiment",
          startedMs: startMs,
          fingerprint: null,
          family: null,
        }),
      );
    const log = (id: string, key: string, values: readonly number[], from = 0) =>
      context.write((transaction) =>
        logBatch(
          transaction,
          id,
          {
            metrics: values.map((value, at) => ({
              key,
              value,
              step: from + at,
              ms: startMs + 1000 * (from + at),
            })),
            params: [],
            tags: [],
          },
          startMs,
        ),
      );
    const read = async (more: Partial<CurvesRequest> = {}, ids = ["a", "b"]) => {
      const runs = await readTrackedRuns(context.database, ids);
      const usual = { runs, keys: ["loss"], axis: "step", places: 500, from: null, to: null } as const;
      return (await readCurves(context, { ...usual, ...more })).curves;
    };
    const pass = (ms: number): void => {
      nowMs += ms;
    };
    return { context, log, read, pass };
  }

  it("columns of each run and key, and nothing for a key that a run lacks", async () => {
    const { log, read } = await store();
    await log("a", "loss", [3, Number.NaN, 1, Number.NEGATIVE_INFINITY, 2, Number.POSITIVE_INFINITY]);
    await log("b", "acc 🙂", [1]);
    const curves = await read({ keys: ["loss", "acc 🙂", "none"] });
    expect(curves.map(({ run, key }) => [run, key])).toEqual([
      ["a", "loss"],
      ["b", "acc 🙂"],
    ]);
    expect(curves[0]).toEqual({
      run: "a",
      key: "loss",
      x: [0, 1, 2, 3, 4, 5],
      y: [3, null, 1, null, 2, null],
      steps: [],
      special: [
        [1, "NaN"],
        [3, "-Infinity"],
        [5, "Infinity"],
      ],
      points: 6,
      dollarsFrom: null,
      last: { step: 5, ms: startMs + 5000, value: null, special: "Infinity" },
    });
  });

  it("what is new comes from a step on, and points that come again are counted once", async () => {
    const { log, read } = await store();
    const values = Array.from({ length: 1_000 }, (__, at) => at);
    await log("a", "loss", values);
    await log("a", "loss", values);
    const [whole] = await read();
    expect(whole?.points).toBe(1_000);
    await log("a", "loss", [7, 8, 9], 1_000);
    const [fresh] = await read({ from: (whole?.last.step ?? 0) + 1 });
    expect([fresh?.x, fresh?.y, fresh?.points]).toEqual([[1000, 1001, 1002], [7, 8, 9], 1_003]);
    const [none] = await read({ from: 1_003 });
    expect([none?.x, none?.last.step]).toEqual([[], 1_002]);
    const [part] = await read({ from: 10.5, to: 12.5 });
    expect(part?.x).toEqual([11, 12]);
    expect((await read({ from: -1e300, to: 1e300 }))[0]?.x.at(-1)).toBe(1_002);
  });

  it("time is in seconds since the start, dollars are those of the price, then of the ledger", async () => {
    const { context, log, read, pass } = await store();
    await log("a", "loss", [5, 4, 3, 2, 1]);
    const [time] = await read({ axis: "time", from: 1, to: 3 });
    expect([time?.x, time?.y, time?.steps]).toEqual([
      [1, 2, 3],
      [4, 3, 2],
      [1, 2, 3],
    ]);
    const [early] = await read({ axis: "dollars" });
    expect([early?.x, early?.dollarsFrom]).toEqual([[0, 0.001, 0.002, 0.003, 0.004], "price"]);
    await context.write(async (transaction) => {
      await transaction.run("UPDATE runs SET session_ms = ?, seen_ms = ?", startMs, startMs + 4_000);
    });
    pass(4_000);
    await context.write((transaction) => settleRun(transaction, 1, context));
    await context.write((transaction) =>
      addCharge(transaction, {
        run: 1,
        ms: startMs + 2_000,
        kind: "tokens",
        microUsd: 1_000_000,
        source: "a bill",
        quantity: 0,
        unit: "",
      }),
    );
    const [later] = await read({ axis: "dollars" });
    expect([later?.x, later?.dollarsFrom]).toEqual([[0, 0.001, 1.002, 1.003, 1.004], "ledger"]);
    const [part] = await read({ axis: "dollars", from: 0.5, to: 1.003 });
    expect(part?.x).toEqual([1.002, 1.003]);
  });

  it("many curves share the places of one answer", async () => {
    const { context, log, read } = await store();
    await log(
      "a",
      "loss",
      Array.from({ length: 5_000 }, (__, at) => Math.sin(at)),
    );
    const runs = await readTrackedRuns(context.database, ["a"]);
    const request = { runs, keys: ["loss"], axis: "step", places: 2_000, from: null, to: null } as const;
    expect((await readCurves(context, request)).places).toBe(2_000);
    await context.write((transaction) =>
      logBatch(
        transaction,
        "b",
        {
          metrics: Array.from({ length: 100 }, (__, at) => ({ key: `k${at}`, step: 0, ms: 0, value: 1 })),
          params: [],
          tags: [],
        },
        startMs,
      ),
    );
    const keys = Array.from({ length: 100 }, (__, at) => `k${at}`);
    const both = await readTrackedRuns(context.database, ["a", "b"]);
    expect((await readCurves(context, { ...request, runs: both, keys: [...keys, "loss"] })).places).toBe(396);
    expect(await read({ keys: [] })).toEqual([]);
  });
});
