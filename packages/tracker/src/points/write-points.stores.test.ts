/** @file A series' summary matches its points, even after a resumed run has repeated steps. */
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database, Transaction } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { addTrackedRun } from "../tracking/runs.ts";
import type { NewRun } from "../tracking/types.ts";
import { blockPoints, pointsInBlocks } from "./block.ts";
import { readLatest, readPoints } from "./history.ts";
import { isLater, type Point } from "./point.ts";
import { seriesFrom } from "./series.ts";
import { writePoints } from "./write-points.ts";

const series = { run: 1, key: "loss" };

const run: NewRun = {
  id: "a",
  project: 0,
  name: "a",
  person: "",
  startedMs: 5,
  fingerprint: null,
  family: null,
  tags: [],
  status: "running",
  client: "mlflow",
  purpose: "experiment",
};

/** A number of points of a series, starting at a step. */
function points(
  from: number,
  count: number,
  value: (step: number) => number,
): (Point & { key: string; run: number })[] {
  return Array.from({ length: count }, (_, at) => {
    const step = from + at;
    return { run: 1, key: "loss", step, ms: 1000 + step, value: value(step) };
  });
}

/** A series according to its row and its blocks. */
async function summed(database: Database) {
  const [row] = await database.all("SELECT * FROM series WHERE key = ?", "loss");
  const rows = await database.all("SELECT * FROM blocks ORDER BY block");
  const { low, high, blocks, open, last } = seriesFrom(row as NonNullable<typeof row>);
  return {
    low,
    high,
    blocks,
    last,
    open: open?.count ?? 0,
    inBlocks: pointsInBlocks(rows.map((block) => String(block["summary"]))).map(({ value }) => value),
    steps: rows.map((block) => [Number(block["from_step"]), Number(block["to_step"])]),
    times: rows.map((block) => [Number(block["from_ms"]), Number(block["to_ms"])]),
    numbers: rows.map((block) => Number(block["block"])),
  };
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<Database> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    await database.transaction((transaction) => addTrackedRun(transaction, run));
    return database;
  }

  it("sums up whole blocks, and keeps the rest open", async () => {
    const database = await store();
    const count = 2 * blockPoints + 3;
    await database.transaction((transaction) =>
      writePoints(
        transaction,
        points(0, count, (step) => step % 100),
      ),
    );
    expect(await summed(database)).toEqual({
      low: 0,
      high: 99,
      blocks: 2,
      open: 3,
      last: { step: 258, ms: 1258, value: 58 },
      inBlocks: [0, 0, 99, 27, 28, 0, 99, 55],
      steps: [
        [0, 127],
        [128, 255],
      ],
      times: [
        [1000, 1127],
        [1128, 1255],
      ],
      numbers: [0, 1],
    });
  });

  it("forgets extremes, blocks and the latest of points that were replaced", async () => {
    const database = await store();
    const first = points(0, blockPoints + 2, (step) => (step === 100 ? 1e6 : step === 110 ? -1e6 : 5));
    await database.transaction((transaction) => writePoints(transaction, first, "replace"));
    expect(await summed(database)).toMatchObject({ low: -1e6, high: 1e6, blocks: 1, open: 2 });
    // A resumed run repeats the steps from 90 on, but stops earlier.
    const again = points(90, 30, () => 7);
    await database.transaction((transaction) => writePoints(transaction, again, "replace"));
    const kept = await readPoints(database, series, { limit: 1000, after: null });
    expect(kept.map(({ value }) => value)).toEqual([
      ...Array.from({ length: 90 }, () => 5),
      ...Array.from({ length: 30 }, () => 7),
      ...Array.from({ length: 10 }, () => 5),
    ]);
    const { low, high, blocks, open, last, inBlocks, numbers } = await summed(database);
    expect([low, high, last.step, blocks * blockPoints + open]).toEqual([5, 7, 129, 130]);
    expect([inBlocks.includes(1e6), inBlocks.includes(-1e6), numbers]).toEqual([false, false, [0]]);
  });

  it("keeps the blocks of points that stay, where later ones are replaced", async () => {
    const database = await store();
    const write = (from: number, count: number, value: number): Promise<void> =>
      database.transaction((transaction) =>
        writePoints(
          transaction,
          points(from, count, () => value),
          "replace",
        ),
      );
    await write(0, 2 * blockPoints + 44, 5);
    await write(290, 20, 7);
    expect(await summed(database)).toMatchObject({
      low: 5,
      high: 7,
      blocks: 2,
      open: 310 - 2 * blockPoints,
      last: { step: 309, value: 7 },
      steps: [
        [0, 127],
        [128, 255],
      ],
      numbers: [0, 1],
    });
  });

  it("takes the last of several values of one step, and adds where it may", async () => {
    const database = await store();
    const twice = [...points(0, 2, () => 1), ...points(1, 1, () => 2)];
    await database.transaction((transaction) => writePoints(transaction, twice, "replace"));
    expect((await readPoints(database, series, { limit: 9, after: null })).map(({ value }) => value)).toEqual(
      [1, 2],
    );
    expect(await summed(database)).toMatchObject({ low: 1, high: 2, open: 2 });
    await database.transaction((transaction) =>
      writePoints(
        transaction,
        points(1, 1, () => 3),
      ),
    );
    expect(await readLatest(database, 1, "loss")).toBe(3);
    expect(await readPoints(database, series, { limit: 9, after: null })).toHaveLength(3);
  });

  it("replaces all there is", async () => {
    const database = await store();
    for (const value of [8, 3])
      await database.transaction((transaction) =>
        writePoints(
          transaction,
          points(0, 3, () => value),
          "replace",
        ),
      );
    expect(await summed(database)).toMatchObject({
      low: 3,
      high: 3,
      blocks: 0,
      open: 3,
      last: { step: 2, value: 3 },
    });
  });

  it("finds each of many series again, whether it was there or is new", async () => {
    const database = await store();
    const keys = Array.from({ length: 600 }, (_, at) => `key ${at}`);
    let maxMarks = 0;
    const write = (some: readonly string[], step: number): Promise<void> =>
      database.transaction((transaction) => {
        const watched: Transaction = {
          ...transaction,
          all: (sql, ...values) => {
            maxMarks = Math.max(maxMarks, values.length);
            return transaction.all(sql, ...values);
          },
        };
        const batch = some.map((key, at) => ({ run: 1, key, step, ms: step, value: at }));
        return writePoints(watched, batch);
      });
    await write(keys.slice(0, 300), 1);
    await write(keys, 2);
    // Databases limit the placeholders per statement, so large batches must be split.
    expect(maxMarks).toBe(257);
    const [row] = await database.all("SELECT count(*) AS count FROM series");
    expect(Number(row?.["count"])).toBe(600);
    for (const at of [0, 1, 255, 256, 257, 299, 300, 511, 512, 599]) {
      const found = await readPoints(database, { run: 1, key: `key ${at}` }, { limit: 9, after: null });
      const wanted = [...(at < 300 ? [[1, at]] : []), [2, at]];
      expect(found.map(({ step, value }) => [step, value])).toEqual(wanted);
    }
  });

  it("keeps points of several runs and keys of one batch apart", async () => {
    const database = await store();
    await database.transaction((transaction) => addTrackedRun(transaction, { ...run, id: "b" }));
    const batch = [1, 2, 1, 2].map((number, at) => ({
      run: number,
      key: at < 2 ? "loss" : "acc",
      step: at,
      ms: at,
      value: at,
    }));
    await database.transaction((transaction) => writePoints(transaction, batch));
    for (const [number, key, value] of [
      [1, "loss", 0],
      [2, "loss", 1],
      [1, "acc", 2],
      [2, "acc", 3],
    ] as const) {
      expect(await readLatest(database, number, key)).toBe(value);
      expect(await readPoints(database, { run: number, key }, { limit: 9, after: null })).toHaveLength(1);
    }
  });

  it("drops of a series the steps that come again, and of another none", async () => {
    const database = await store();
    const both = [
      ...points(0, 3, () => 1),
      ...points(0, 3, () => 1).map((point) => ({ ...point, key: "acc" })),
    ];
    await database.transaction((transaction) => writePoints(transaction, both, "replace"));
    await database.transaction((transaction) =>
      writePoints(
        transaction,
        points(2, 1, () => 9),
        "replace",
      ),
    );
    const valuesOf = async (key: string): Promise<number[]> =>
      (await readPoints(database, { run: 1, key }, { limit: 9, after: null })).map(({ value }) => value);
    expect([await valuesOf("loss"), await valuesOf("acc")]).toEqual([
      [1, 1, 9],
      [1, 1, 1],
    ]);
  });

  it("says of a series what its points say, in whatever batches they came", async () => {
    const database = await store();
    const value = fc.constantFrom(
      0,
      -1.5,
      2,
      7,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    );
    const point = fc.record({ step: fc.integer({ min: -3, max: 6 }), ms: fc.nat(2), value });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(point, { minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom("add", "replace"),
        async (batches, mode) => {
          const key = `key ${count++}`;
          for (const batch of batches) {
            const own = batch.map((one) => ({ ...one, run: 1, key }));
            await database.transaction((transaction) => writePoints(transaction, own, mode));
          }
          const [row] = await database.all("SELECT * FROM series WHERE key = ?", key);
          const { number, low, high, last, blocks, open } = seriesFrom(row as NonNullable<typeof row>);
          const all = await readPoints(database, { run: 1, key }, { limit: 1000, after: null });
          const finite = all.map((one) => one.value).filter(Number.isFinite);
          expect([low, high]).toEqual(
            finite.length === 0 ? [null, null] : [Math.min(...finite), Math.max(...finite)],
          );
          expect(all.some((one) => isLater(one, last) && !Object.is(one.value, last.value))).toBe(false);
          expect(all).toContainEqual(last);
          const steps = new Set(batches.flat().map(({ step }) => step));
          const named = batches.flat().map(({ step, ms, value: one }) => `${step} ${ms} ${one}`);
          const logged = mode === "add" ? new Set(named).size : steps.size;
          expect(blocks * blockPoints + (open?.count ?? 0)).toBe(logged);
          if (mode === "replace")
            expect(all.map(({ step }) => step)).toEqual([...steps].sort((a, b) => a - b));
          const kept = await database.all("SELECT count(*) AS count FROM blocks WHERE series = ?", number);
          expect(Number(kept[0]?.["count"])).toBe(blocks);
        },
      ),
      { numRuns: 40 },
    );
  });
});
