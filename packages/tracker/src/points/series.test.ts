/** @file A series round-trips through its row. */
import { expect, test } from "vitest";
import { withPoint } from "./block.ts";
import { type Series, seriesConflict, seriesFrom, seriesRow, seriesTarget } from "./series.ts";

const base: Series = {
  run: 3,
  key: "loss",
  last: { step: 7, ms: 8, value: 0.5 },
  low: -1.5,
  high: 2.5,
  blocks: 4,
  open: withPoint(null, { step: 7, ms: 8, value: 0.5 }),
};

/** The row as a database returns it. */
function stored(series: Series): Series & { readonly number: number } {
  const columns = Object.keys(seriesTarget.columns);
  const values = seriesRow(series);
  expect(values).toHaveLength(columns.length);
  const row = Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null]));
  return seriesFrom({ ...row, number: 12 });
}

test.each<[string, Partial<Series>]>([
  ["as it stands", {}],
  ["without an open block", { open: null }],
  ["without a finite value", { low: null, high: null, last: { step: 1, ms: 2, value: Number.NaN } }],
  ["with extremes of zero", { low: 0, high: 0 }],
  ["whose latest value is infinite", { last: { step: 1, ms: 2, value: Number.NEGATIVE_INFINITY } }],
  ["whose latest value is too small for a driver", { last: { step: 1, ms: 2, value: 3e-300 } }],
])("a series %s", (_, more) => {
  expect(stored({ ...base, ...more })).toEqual({ ...base, ...more, number: 12 });
});

test("extremes that are too small for a driver are as good as zero", () => {
  expect(stored({ ...base, low: -3e-300, high: 4e-16 })).toMatchObject({ low: 0, high: 0 });
});

test("a series that is there is replaced in all that is not its name", () => {
  const replaced = [...seriesConflict.matchAll(/(\w+) = excluded\.\1/g)].map(([, column]) => column);
  expect(replaced).toEqual(
    Object.keys(seriesTarget.columns).filter((name) => !["run", "key"].includes(name)),
  );
});
