/**
 * @file A chart of a few points shows the first, last, lowest and highest of all points, also when a long series is
 * read from its summaries.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { type TrackedStore, trackedStore } from "../../../../test/support/tracked-store.ts";
import type { Reader } from "../database/database.ts";
import { blockPoints } from "./block.ts";
import { type ChartRequest, readChart } from "./chart.ts";
import { findSeries, readPoints } from "./history.ts";
import { countAt, cutLevels, growLevels, topLevel } from "./levels.ts";
import type { Point } from "./point.ts";
import { pointCount } from "./series.ts";
import { writePoints } from "./write-points.ts";

const nan = Number.NaN;
const loss = { run: 1, key: "loss" };

/** Values at steps 0, 1, 2 ... */
const curve = (...values: number[]): Point[] =>
  values.map((value, step) => ({ step, ms: 100 + step, value }));

const nameOf = ({ step, ms, value }: Point): string => `${step} ${ms} ${value}`;

/** Pseudo-random values from a seed. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

interface Store extends TrackedStore {
  readonly log: (points: readonly Point[], key?: string, mode?: "add" | "replace") => Promise<void>;
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<Store> {
    const opened = await trackedStore(await make());
    await opened.add("a");
    return {
      ...opened,
      log: (points, key = "loss", mode = "add") =>
        opened.write((transaction) =>
          writePoints(
            transaction,
            points.map((point) => ({ ...point, run: 1, key })),
            mode,
          ),
        ),
    };
  }

  const stepsOf = async (
    { database }: TrackedStore,
    request: Partial<ChartRequest> = {},
  ): Promise<number[]> =>
    (await readChart(database, loss, { axis: "step", places: 2, ...request })).map(({ step }) => step);

  it("a chart shows first, lowest, highest and last of each place along the axis", async () => {
    const opened = await store();
    // Two intervals: the steps below 5.5 and those from 5.5 on; the times have the same spacing.
    await opened.log(curve(3, 1, 9, 4, 1, 5, /* */ 2, 2, 8, 8, 0, 6));
    for (const axis of ["step", "ms"] as const)
      expect(await stepsOf(opened, { axis })).toEqual([0, 1, 2, 5, 6, 8, 10, 11]);
    expect(await stepsOf(opened, { places: 1 })).toEqual([0, 2, 10, 11]);
    const all = Array.from({ length: 12 }, (__, step) => step);
    expect(await stepsOf(opened, { places: 12 })).toEqual(all);
    expect(await stepsOf(opened, { places: 11, from: 2, to: 9 })).toEqual(all.slice(2, 10));
    // The limits are inclusive; either may be given alone, and may be zero.
    expect(await stepsOf(opened, { places: 20, from: 10 })).toEqual([10, 11]);
    expect(await stepsOf(opened, { places: 20, to: 0 })).toEqual([0]);
    expect(await stepsOf(opened, { axis: "ms", places: 20, from: 103, to: 104 })).toEqual([3, 4]);
    expect(await stepsOf(opened, { from: 12 })).toEqual([]);
    expect(await readChart(opened.database, { run: 1, key: "none" }, { axis: "step", places: 2 })).toEqual(
      [],
    );
    // Only full blocks, and none of them in the requested range.
    await opened.log(
      curve(...Array.from({ length: blockPoints - 12 }, () => 1)).map((point) => ({ ...point, ms: 1 })),
    );
    expect(await stepsOf(opened, { from: 1000 })).toEqual([]);
  });

  it("as many points as places are all shown, however close they lie", async () => {
    const opened = await store();
    await opened.log([...curve(1, 2, 3, 4, 5, 6), { step: 10_000, ms: 1, value: 0 }]);
    expect(await stepsOf(opened, { places: 7 })).toEqual([0, 1, 2, 3, 4, 5, 10_000]);
    expect(await stepsOf(opened, { places: 6 })).toEqual([0, 5, 10_000]);
  });

  it("values that are no number hide no extreme", async () => {
    const opened = await store();
    await opened.log(curve(nan, 4, nan, -7, 4, 9, nan, nan, 1, nan));
    // The end of the axis is in an interval of its own.
    expect(await stepsOf(opened, { places: 1 })).toEqual([0, 3, 5, 8, 9]);
    await opened.log([nan, nan, nan, nan].map((value, step) => ({ step: 100 + step, ms: 1, value })));
    expect((await stepsOf(opened, { places: 1, from: 100 })).at(0)).toBe(100);
    expect((await stepsOf(opened, { places: 1, from: 100 })).at(-1)).toBe(103);
  });

  it("points of one moment have one place on the axis of time", async () => {
    const opened = await store();
    await opened.log([5, 1, 6, 9, 2, 3].map((value, step) => ({ step, ms: 77, value })));
    expect(await stepsOf(opened, { axis: "ms", places: 3 })).toEqual([0, 1, 3, 5]);
  });

  const all = async (database: Reader, key: string): Promise<Point[]> =>
    readPoints(database, { run: 1, key }, { limit: 1e6, after: null });

  /** Number of rows per level, blocks first. */
  async function levelsOf(database: Reader, key: string): Promise<{ found: number[]; wanted: number[] }> {
    const series = await findSeries(database, 1, key);
    const { number = 0, blocks = 0 } = series ?? {};
    const levels = Array.from({ length: topLevel(blocks) + 1 }, (__, level) => level);
    const rows = await database.all(
      "SELECT level, count(*) AS count FROM levels WHERE series = ? GROUP BY level ORDER BY level",
      number,
    );
    const [own] = await database.all("SELECT count(*) AS count FROM blocks WHERE series = ?", number);
    return {
      found: [Number(own?.["count"]), ...rows.map(({ count }) => Number(count))],
      wanted: levels.map((level) => countAt(level, blocks)),
    };
  }

  it("a long series is read from few rows, and keeps its ends and its spikes", async () => {
    const opened = await store();
    const { database, log } = opened;
    const count = 60_000;
    const value = noise(7);
    const points = curve(...Array.from({ length: count }, () => value()));
    points[31_234] = { step: 31_234, ms: 31_334, value: 50 };
    points[44_001] = { step: 44_001, ms: 44_101, value: -50 };
    for (let from = 0; from < count; from += 10_000) await log(points.slice(from, from + 10_000));
    expect(await levelsOf(database, "loss")).toEqual({
      found: [468, 117, 29, 7, 1],
      wanted: [468, 117, 29, 7, 1],
    });
    let rows = 0;
    const counting: Reader = {
      ...database,
      all: async (sql, ...values) => {
        const found = await database.all(sql, ...values);
        rows += found.length;
        return found;
      },
    };
    for (const places of [20, 60, 100, 300]) {
      rows = 0;
      const shown = await readChart(counting, loss, { axis: "step", places });
      expect(rows).toBeLessThan(Math.max(64, 1.5 * places) + 30);
      const steps = shown.map(({ step }) => step);
      expect([steps[0], steps.at(-1)]).toEqual([0, count - 1]);
      expect(steps).toEqual(expect.arrayContaining([31_234, 44_001]));
      expect(shown.length).toBeGreaterThan(places);
    }
    // A range is read from finer summaries, and a small range from the points.
    rows = 0;
    const part = await readChart(counting, loss, { axis: "ms", places: 100, from: 30_000, to: 33_000 });
    expect(part.map(({ value: shown }) => shown)).toContain(50);
    expect(rows).toBeLessThan(200);
    const few = await readChart(database, loss, { axis: "step", places: 100, from: 31_200, to: 31_260 });
    expect(few).toEqual(points.slice(31_200, 31_261));
  });

  it("levels that are missing are read from the blocks, and written again by the next points", async () => {
    const { database, log, write } = await store();
    await log(curve(...Array.from({ length: 3_000 }, (__, step) => step % 97)));
    const before = await database.all("SELECT * FROM levels ORDER BY level, block");
    expect(before.length).toBe(5 + 1);
    await write((transaction) => transaction.run("DELETE FROM levels WHERE level = 2 OR block > 1"));
    const shown = (await readChart(database, loss, { axis: "step", places: 20 })).map(({ step }) => step);
    expect([shown[0], shown.at(-1), shown.length > 20]).toEqual([0, 2_999, true]);
    expect(Math.max(...shown.map((step, at) => step - (shown[at - 1] ?? 0)))).toBeLessThan(500);
    await log([{ step: 3_000, ms: 1, value: 0 }]);
    await write((transaction) => growLevels(transaction, 1, 23));
    expect(await database.all("SELECT * FROM levels ORDER BY level, block")).toEqual(before);
    await write((transaction) => cutLevels(transaction, 1, 4));
    expect(await database.all("SELECT level, block FROM levels")).toEqual([{ level: 1, block: 0 }]);
  });

  it("shows what a naive reading of all points shows, whatever was replaced and repeated", async () => {
    const { database, log } = await store();
    const some = fc.record({
      from: fc.integer({ min: 0, max: 3_000 }),
      count: fc.integer({ min: 1, max: 1_500 }),
      seed: fc.integer({ min: 1, max: 1e9 }),
      kind: fc.constantFrom("add", "replace", "repeat", "late"),
      odd: fc.constantFrom(nan, Number.POSITIVE_INFINITY, 1e-300, -9, 9),
    });
    let at = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(some, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 700 }),
        async (batches, places) => {
          const key = `key ${at++}`;
          let end = 0;
          for (const { from, count, seed, kind, odd } of batches) {
            const value = noise(seed);
            // Most batches append; some replace, repeat or arrive late.
            const start = kind === "add" ? end : Math.min(from, end);
            const points = Array.from({ length: count }, (__, i) => {
              const step = start + i;
              return {
                step,
                ms: 1000 + step + (kind === "late" ? 1 : 0),
                value: i % 31 === 7 ? odd : value(),
              };
            });
            end = Math.max(end, start + count);
            await log(points, key, kind === "replace" ? "replace" : "add");
            if (kind === "repeat") await log(points, key);
          }
          const naive = await all(database, key);
          const series = await findSeries(database, 1, key);
          expect(series && pointCount(series)).toBe(naive.length);
          const { found, wanted } = await levelsOf(database, key);
          expect(found).toEqual(wanted);
          const names = new Set(naive.map(nameOf));
          const finite = naive.map(({ value }) => value).filter(Number.isFinite);
          const [low, high] = [Math.min(...finite), Math.max(...finite)];
          for (const axis of ["step", "ms"] as const) {
            const shown = await readChart(database, { run: 1, key }, { axis, places });
            expect(shown.filter((point) => !names.has(nameOf(point)))).toEqual([]);
            const along = shown.map((point) => point[axis]);
            expect(along).toEqual([...along].sort((a, b) => a - b));
            const ends = naive.map((point) => point[axis]);
            expect([along[0], along.at(-1)]).toEqual([Math.min(...ends), Math.max(...ends)]);
            if (finite.length === 0) continue;
            const values = shown.map(({ value }) => value).filter(Number.isFinite);
            expect([Math.min(...values), Math.max(...values)]).toEqual([low, high]);
          }
          const middle = { from: Math.floor(end / 3), to: Math.floor((2 * end) / 3) };
          const part = await readChart(database, { run: 1, key }, { axis: "step", places, ...middle });
          for (const point of part) {
            expect(names.has(nameOf(point))).toBe(true);
            expect(point.step >= middle.from && point.step <= middle.to).toBe(true);
          }
          const inside = naive.some(({ step }) => step >= middle.from && step <= middle.to);
          expect(part.length > 0).toBe(inside);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("a series whose steps are scattered over its blocks is still read from few rows", async () => {
    const { database, log } = await store();
    const value = noise(3);
    for (let worker = 0; worker < 8; worker++) {
      const steps = Array.from({ length: 1_500 }, (__, at) => 8 * at + worker);
      await log(steps.map((step) => ({ step, ms: 5_000 + step, value: value() })));
    }
    const part = await readChart(database, loss, { axis: "step", places: 50, from: 6_000, to: 6_007 });
    expect(part.length).toBeLessThanOrEqual(204);
    for (const { step } of part) expect(step >= 6_000 && step <= 6_007).toBe(true);
    expect(blockPoints * 8).toBeLessThan(12_000);
  });
});
