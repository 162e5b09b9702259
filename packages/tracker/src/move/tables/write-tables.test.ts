/** @file Parquet files as read by another reader. */
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { createParquetFile, type Table } from "./write-tables.ts";

const table: Table = {
  name: "all",
  columns: { text: "text", whole: "whole", real: "real", time: "time" },
  rows: async function* () {},
};

test("every kind of value comes back as it was, also over several groups of rows", async () => {
  const path = join(await temporaryFolder(), "all.parquet");
  const file = await createParquetFile(path, table);
  const odd = [
    ["zwei\nZeilen 漢字", Number.MAX_SAFE_INTEGER, Number.NaN, 1_700_000_000_123],
    [null, -3, Number.NEGATIVE_INFINITY, null],
    ["", 0, 1e-300, 0],
  ] as const;
  await file.add(odd);
  for (let part = 0; part < 3; part++)
    await file.add(
      Array.from({ length: 50_000 }, (_, at) => [`t${at % 7}`, at, at / 3, 1_700_000_000_000 + at]),
    );
  await file.close();
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  expect(rows).toHaveLength(150_003);
  expect(rows.slice(0, 3)).toEqual(
    odd.map(([text, whole, real, time]) => ({
      text,
      whole: BigInt(whole),
      real,
      time: time === null ? null : new Date(time),
    })),
  );
  expect(rows.at(-1)).toEqual({
    text: "t5",
    whole: 49_999n,
    real: 49_999 / 3,
    time: new Date(1_700_000_049_999),
  });
}, 60_000);

test("a table without rows is a file too", async () => {
  const path = join(await temporaryFolder(), "none.parquet");
  await (await createParquetFile(path, table)).close();
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(path) })).toEqual([]);
});
