/** @file Points come page by page in their order, and a chart of a few shows the ends and extremes of all. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../test/support/store-places.ts";
import { type TrackedStore, trackedStore } from "../../../test/support/tracked-store.ts";
import { blockPoints, blockText, withPoint } from "./block.ts";
import { type ChartRequest, readChart, readKeys, readLatest, readPoints } from "./history.ts";
import type { Point } from "./point.ts";
import { writePoints } from "./write-points.ts";

const nan = Number.NaN;

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<
    TrackedStore & { readonly log: (points: readonly Point[], key?: string) => Promise<void> }
  > {
    const opened = await trackedStore(await make());
    await opened.add("a");
    return {
      ...opened,
      log: (points, key = "loss") =>
        opened.write((transaction) =>
          writePoints(
            transaction,
            points.map((point) => ({ ...point, run: 1, key })),
          ),
        ),
    };
  }
  const loss = { run: 1, key: "loss" };

  /** Values at the steps 0, 1, 2 ... */
  const curve = (...values: number[]): Point[] =>
    values.map((value, step) => ({ step, ms: 100 + step, value }));

  it("points come by step, then time, then value, also those of one instant, whatever the page", async () => {
    const { database, log } = await store();
    const inOrder: Point[] = [
      ...[
        { step: -2, ms: 9, value: 1 },
        { step: 0, ms: 1, value: 5 },
        { step: 0, ms: 2, value: -1 },
      ],
      ...[-4, 2, 2.5, 8].map((value) => ({ step: 1, ms: 7, value })),
      { step: 1, ms: 8, value: 50 },
      { step: 3, ms: 0, value: nan },
      { step: 4, ms: 0, value: 0 },
      { step: 5, ms: 7, value: 60 },
    ];
    await log([...inOrder].reverse());
    expect(await readPoints(database, loss, { limit: 100, after: null })).toEqual(inOrder);
    for (const limit of [1, 2, 3, 5]) {
      const paged: Point[] = [];
      for (let page = 0; page < 20; page++) {
        const points = await readPoints(database, loss, { limit, after: paged.at(-1) ?? null });
        expect(points.length).toBe(Math.min(limit, inOrder.length - paged.length));
        paged.push(...points);
      }
      expect(paged).toEqual(inOrder);
    }
    // behind one that is gone, whatever stands at its instant and later comes again
    for (const value of [99, 50, 0, 60]) {
      const gone = { step: 1, ms: 7, value };
      expect(await readPoints(database, loss, { limit: 2, after: gone })).toEqual(inOrder.slice(3, 5));
    }
    expect(await readPoints(database, { run: 1, key: "none" }, { limit: 2, after: null })).toEqual([]);
    expect(await readPoints(database, { run: 2, key: "loss" }, { limit: 2, after: null })).toEqual([]);
  });

  it("a long page is as long as it was asked for", async () => {
    const { database, log } = await store();
    const points = curve(...Array.from({ length: 1300 }, (__, step) => step));
    await log(points);
    const after = points[0] as Point;
    expect(await readPoints(database, loss, { limit: 1100, after })).toEqual(points.slice(1, 1101));
  });

  it("keys are told in their order, and of a series its latest value, zero too", async () => {
    const { database, log } = await store();
    for (const [key, value] of [
      ["b", 0],
      ["a", 3],
      ["c", nan],
    ] as const)
      await log(curve(7, value), key);
    expect(await readKeys(database, 1)).toEqual(["a", "b", "c"]);
    expect(await readKeys(database, 2)).toEqual([]);
    expect([await readLatest(database, 1, "b"), await readLatest(database, 1, "c")]).toEqual([0, nan]);
    expect(await readLatest(database, 1, "none")).toBeNull();
  });

  const stepsOf = async (
    { database }: TrackedStore,
    request: Partial<ChartRequest> = {},
  ): Promise<number[]> =>
    (await readChart(database, loss, { axis: "step", places: 2, ...request })).map(({ step }) => step);

  it("a chart shows first, lowest, highest and last of each place along the axis", async () => {
    const opened = await store();
    // two places: the steps below 5.5 and those from it on; ms as far apart
    await opened.log(curve(3, 1, 9, 4, 1, 5, /* */ 2, 2, 8, 8, 0, 6));
    for (const axis of ["step", "ms"] as const)
      expect(await stepsOf(opened, { axis })).toEqual([0, 1, 2, 5, 6, 8, 10, 11]);
    expect(await stepsOf(opened, { places: 1 })).toEqual([0, 2, 10, 11]);
    const all = Array.from({ length: 12 }, (__, step) => step);
    expect(await stepsOf(opened, { places: 12 })).toEqual(all);
    expect(await stepsOf(opened, { places: 11, from: 2, to: 9 })).toEqual(all.slice(2, 10));
    // ends that are asked for are included, also a beginning or an end alone, also zero
    expect(await stepsOf(opened, { places: 20, from: 10 })).toEqual([10, 11]);
    expect(await stepsOf(opened, { places: 20, to: 0 })).toEqual([0]);
    expect(await stepsOf(opened, { axis: "ms", places: 20, from: 103, to: 104 })).toEqual([3, 4]);
    expect(await stepsOf(opened, { from: 12 })).toEqual([]);
    expect(await readChart(opened.database, { run: 1, key: "none" }, { axis: "step", places: 2 })).toEqual(
      [],
    );
    // whole blocks alone, and none of them in the part that is asked for
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
    // the end of the axis has a place of its own
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

  /** Blocks as they stand in the store, without their points. */
  async function withBlocks(blocks: readonly (readonly Point[])[]): Promise<TrackedStore> {
    const opened = await store();
    await opened.log([{ step: 50_000, ms: 50_000, value: 1 }]);
    await opened.write(async (transaction) => {
      for (const [at, points] of blocks.entries()) {
        const block = points.reduce<ReturnType<typeof withPoint> | null>(withPoint, null);
        const [steps, times] = [points.map(({ step }) => step), points.map(({ ms }) => ms)];
        await transaction.run(
          "INSERT INTO blocks (series, block, from_step, to_step, from_ms, to_ms, summary) VALUES (1, ?, ?, ?, ?, ?, ?)",
          ...[
            at,
            Math.min(...steps),
            Math.max(...steps),
            Math.min(...times),
            Math.max(...times),
            blockText(block),
          ],
        );
      }
    });
    return opened;
  }

  it("a long series is drawn from what its blocks say, in order and each point once", async () => {
    const single = (step: number, ms: number, value = 0): Point[] => [{ step, ms, value }];
    const some = [
      ...[single(5, 9), single(5, 3), single(6, 3), single(6, 3), single(6, 3, 1), single(5, 3, 1)],
      ...[single(4, 3), single(7, 2), single(7, 1)],
    ];
    const many = Array.from({ length: 256 - some.length }, (__, at) => single(1000 + at, 9000 - at));
    // up to 256 blocks, the points themselves are read, and these have none
    const few = await withBlocks([...some, ...many]);
    expect(await readChart(few.database, loss, { axis: "step", places: 60_000 })).toHaveLength(1);
    const opened = await withBlocks([...some, ...many, single(2000, 1)]);
    const shown = async (axis: "step" | "ms", to: number) =>
      (await readChart(opened.database, loss, { axis, places: 60_000, from: 0, to })).map(
        ({ step, ms, value }) => [step, ms, value].join(" "),
      );
    const whole = await readChart(opened.database, loss, { axis: "step", places: 60_000 });
    expect(whole.at(-1)).toEqual({ step: 50_000, ms: 50_000, value: 1 });
    expect(whole).toHaveLength(some.length - 1 + many.length + 2);
    expect(whole.slice(0, 8).map(({ step, ms, value }) => [step, ms, value].join(" "))).toEqual([
      ...["4 3 0", "5 3 0", "5 3 1", "5 9 0", "6 3 0", "6 3 1", "7 1 0", "7 2 0"],
    ]);
    expect((await shown("ms", 50_000)).slice(0, 9)).toEqual([
      ...["7 1 0", "2000 1 0", "7 2 0", "4 3 0", "5 3 0", "5 3 1", "6 3 0", "6 3 1", "5 9 0"],
    ]);
  });
});
