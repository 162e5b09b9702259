/** @file The current state of a series: its latest point, its extremes, and the block that is not full yet. */
import type { Reader, SqlRow, SqlValue, Target } from "../database/database.ts";
import { numberOrNull, readAmong } from "../database/rows.ts";
import { type Block, blockPoints, blockText, readBlock } from "./block.ts";
import { numberColumns, numberOf, type Point } from "./point.ts";

/** One metric of one run. */
export interface Series {
  readonly run: number;
  readonly key: string;
  last: Point;
  low: number | null;
  high: number | null;
  /** Number of full blocks. */
  blocks: number;
  open: Block | null;
}

/** A series with its number in the store. */
export type StoredSeries = Series & { readonly number: number };

/** Reads a row of `series`. */
export function seriesFrom(row: SqlRow): StoredSeries {
  return {
    number: Number(row["number"]),
    run: Number(row["run"]),
    key: String(row["key"]),
    last: {
      step: Number(row["last_step"]),
      ms: Number(row["last_ms"]),
      value: numberOf(row, "last_value", "last_special"),
    },
    low: numberOrNull(row, "low"),
    high: numberOrNull(row, "high"),
    blocks: Number(row["blocks"]),
    open: readBlock(String(row["open_block"])),
  };
}

/** The table and columns of series. */
export const seriesTarget: Target = {
  table: "series",
  columns: {
    run: "integer",
    key: "text",
    last_step: "integer",
    last_ms: "integer",
    last_value: "real",
    last_special: "text",
    low: "real",
    high: "real",
    blocks: "integer",
    open_block: "text",
  },
};

/** Replaces an existing series. */
export const seriesConflict: string = `ON CONFLICT (run, key) DO UPDATE SET ${Object.keys(
  seriesTarget.columns,
)
  .slice(2)
  .map((column) => `${column} = excluded.${column}`)
  .join(", ")}`;

/** Values for the columns of `seriesTarget`. */
export function seriesRow({ run, key, last, low, high, blocks, open }: Series): SqlValue[] {
  return [
    run,
    key,
    last.step,
    last.ms,
    ...numberColumns(last.value),
    bindable(low),
    bindable(high),
    blocks,
    blockText(open),
  ];
}

/**
 * An extreme as the driver can bind it. A number too small for the driver becomes zero, which is accurate enough here.
 */
export function bindable(value: number | null): number | null {
  return value === null ? null : numberColumns(value)[0];
}

/** Number of points in a series. */
export function pointCount({ blocks, open }: Pick<Series, "blocks" | "open">): number {
  return blocks * blockPoints + (open?.count ?? 0);
}

/** Series of runs by the runs' numbers, optionally of some keys only; ordered by run, then key. */
export async function readSeries(
  reader: Reader,
  runs: readonly number[],
  keys: readonly string[] | null,
): Promise<StoredSeries[]> {
  const found: SqlRow[] = [];
  for (const run of runs) {
    const sql = "SELECT * FROM series WHERE run = ?";
    if (keys === null) found.push(...(await reader.all(`${sql} ORDER BY key`, run)));
    else
      found.push(
        ...(await readAmong(reader, keys, (among) => `${sql} AND key IN (${among}) ORDER BY key`, [run])),
      );
  }
  return found.map(seriesFrom);
}
