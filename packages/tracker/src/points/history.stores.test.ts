/** @file Points are returned page by page, in order. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { type TrackedStore, trackedStore } from "../../../../test/support/tracked-store.ts";
import { readKeys, readLatest, readPoints } from "./history.ts";
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

  /** Values at steps 0, 1, 2 ... */
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
    // A page continues after a point that no longer exists, whatever its value was.
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
});
