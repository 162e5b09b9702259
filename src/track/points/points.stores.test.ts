/** @file What is summed up of a series is what its points say, also where a resumed run went over steps again. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import type { NewRun } from "../tracking/nouns.ts";
import { addTrackedRun } from "../tracking/runs.ts";
import { blockPoints, blockText, pointsInBlocks, pointsOfBlock, readBlock, withPoint } from "./block.ts";
import { readLatest, readPoints } from "./history.ts";
import { isLater, numberColumns, type Point } from "./point.ts";
import { seriesFrom } from "./series.ts";
import { writePoints } from "./write-points.ts";

const series = { run: 1, key: "loss" };

const run: NewRun = {
  ...{ id: "a", project: 0, name: "a", person: "", startedMs: 5, fingerprint: null, family: null, tags: [] },
  status: "running",
  client: "mlflow",
  purpose: "experiment",
};

/** So many points of a series, from a step on. */
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

/** A series as its row and its blocks have it. */
async function summed(database: Database) {
  const [row] = await database.all("SELECT * FROM series WHERE key = ?", "loss");
  const rows = await database.all("SELECT * FROM blocks ORDER BY block");
  const { low, high, blocks, open, last } = seriesFrom(row as NonNullable<typeof row>);
  return {
    ...{ low, high, blocks, last, open: open?.count ?? 0 },
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
      ...{ low: 0, high: 99, blocks: 2, open: 3, last: { step: 258, ms: 1258, value: 58 } },
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
    // a resumed run goes over the steps from 90 on again, and not as far
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
});

describe("a block", () => {
  const point = (step: number, ms: number, value: number): Point => ({ step, ms, value });
  const of = (...all: Point[]) => all.reduce<ReturnType<typeof withPoint> | null>(withPoint, null);

  test("keeps its ends by step, then time, and its extremes among finite values, the first of equals", () => {
    const [a, b, c, d] = [point(5, 9, 2), point(3, 7, Number.NaN), point(5, 8, 2), point(3, 6, -1)];
    const block = of(a, b, c, d);
    expect(block).toEqual({ count: 4, first: d, last: a, low: d, high: a, fromMs: 6, toMs: 9 });
    expect(of(b)).toMatchObject({ low: null, high: null, count: 1 });
    expect(of(b, a)).toMatchObject({ low: a, high: a });
    expect(of(a, point(6, 1, 2))).toMatchObject({ low: a, high: a, last: { step: 6 }, fromMs: 1 });
  });

  test("is read back as it was written", () => {
    const block = of(point(1, 2, Number.POSITIVE_INFINITY), point(2, 3, 0.25), point(3, 4, Number.NaN));
    expect(readBlock(blockText(block))).toEqual(block);
    expect([readBlock(""), blockText(null), pointsOfBlock(null)]).toEqual([null, "", []]);
    expect(pointsOfBlock(of(point(1, 2, Number.NaN)))).toHaveLength(2);
    expect(pointsInBlocks([blockText(of(point(1, 2, Number.NaN)))])).toHaveLength(2);
    expect(pointsInBlocks([blockText(block)]).map(({ step }) => step)).toEqual([1, 2, 2, 3]);
  });
});

describe("a point", () => {
  const base: Point = { step: 2, ms: 2, value: 2 };

  test.each<[Partial<Point>, Partial<Point>, boolean]>([
    [{ step: 3 }, {}, true],
    [{ step: 1, ms: 9, value: 9 }, {}, false],
    [{ ms: 3 }, {}, true],
    [{ ms: 1, value: 9 }, {}, false],
    [{ value: 3 }, {}, true],
    [{}, {}, false],
    [{ value: 1 }, {}, false],
    [{ value: 1 }, { value: Number.NaN }, true],
    [{ value: Number.NaN }, {}, false],
  ])("%j is later than %j: %s", (a, b, expected) => {
    expect(isLater({ ...base, ...a }, { ...base, ...b })).toBe(expected);
  });

  test.each([
    [1.5, [1.5, ""]],
    [0, [0, ""]],
    [1e-15, [1e-15, ""]],
    [-1e-15, [-1e-15, ""]],
    [9e-16, [0, "9e-16"]],
    [Number.NaN, [0, "NaN"]],
    [Number.POSITIVE_INFINITY, [Number.MAX_VALUE, "Infinity"]],
    [Number.NEGATIVE_INFINITY, [-Number.MAX_VALUE, "-Infinity"]],
  ])("%d is kept as %j", (value, columns) => {
    expect(numberColumns(value)).toEqual(columns);
  });
});
