/** @file Groups runs by common values, with statistics of each group's numbers. */
import type { Reader } from "../database/database.ts";
import type { SqlPart } from "../database/search.ts";
import { kindOfColumn, type TableColumn } from "./column.ts";
import { placesOf, readColumn } from "./ordered-runs.ts";

/** Statistics of the finite numbers in a group; `null` if there are none. */
export interface GroupFigures {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** A group of runs with the same values. */
export interface RunGroup {
  /** Values of the grouping columns; `null`: runs without a value. */
  readonly values: readonly (string | number | null)[];
  readonly runs: number;
  /** Statistics of the requested columns; `null` for a column that is not numeric. */
  readonly figures: readonly (GroupFigures | null)[];
}

/** Maximum groups returned; further ones are only counted. */
const maxGroups = 1_000;
/** Maximum columns with statistics. */
const maxFigures = 24;

/**
 * Groups runs; groups are in the order of their first run.
 *
 * @param numbers runs in order
 * @param condition SQL condition that selects these runs
 * @param by columns whose values define the groups
 * @param columns columns to compute statistics for; only the first numeric ones are used
 * @returns the first groups, and the number of groups
 */
export async function groupRuns(
  reader: Reader,
  numbers: Float64Array,
  condition: SqlPart,
  { by, columns }: { readonly by: readonly TableColumn[]; readonly columns: readonly TableColumn[] },
): Promise<{ readonly groups: readonly RunGroup[]; readonly count: number }> {
  const places = placesOf(numbers);
  const values: (string | number | null)[][] = [];
  for (const column of by) values.push(await alignedColumn(reader, column, condition, places));
  const groupOf = new Uint32Array(numbers.length);
  const found = new Map<string, number>();
  const groups: { values: (string | number | null)[]; runs: number }[] = [];
  for (let at = 0; at < numbers.length; at++) {
    const own = values.map((list) => list[at] ?? null);
    const name = JSON.stringify(own.map((value) => (typeof value === "number" ? `${value}` : [value])));
    const group = found.get(name) ?? groups.length;
    if (group === groups.length) {
      found.set(name, group);
      groups.push({ values: own, runs: 0 });
    }
    const counted = groups[group];
    if (counted) counted.runs++;
    groupOf[at] = group;
  }
  const shown = groups.slice(0, maxGroups);
  const figures: (readonly (GroupFigures | null)[] | null)[] = [];
  let computed = 0;
  for (const column of columns) {
    const isNumber = ["number", "time"].includes(kindOfColumn(column)) && computed++ < maxFigures;
    if (!isNumber) figures.push(null);
    else {
      const list = await alignedColumn(reader, column, condition, places);
      figures.push(figuresOf(list, groupOf, shown.length));
    }
  }
  return {
    groups: shown.map((group, at) => ({ ...group, figures: figures.map((list) => list?.[at] ?? null) })),
    count: groups.length,
  };
}

async function alignedColumn(
  reader: Reader,
  column: TableColumn,
  condition: SqlPart,
  places: ReadonlyMap<number, number>,
): Promise<(string | number | null)[]> {
  const { runs, values } = await readColumn(reader, column, condition, places);
  const list = new Array<string | number | null>(places.size).fill(null);
  for (let at = 0; at < runs.length; at++) {
    const place = places.get(runs[at] ?? 0);
    if (place !== undefined) list[place] = values[at] ?? null;
  }
  return list;
}

function figuresOf(
  values: readonly (string | number | null)[],
  groupOf: Uint32Array,
  groups: number,
): (GroupFigures | null)[] {
  const sums = Array.from({ length: groups }, () => ({ count: 0, sum: 0, min: Infinity, max: -Infinity }));
  for (const [at, value] of values.entries()) {
    const sum = sums[groupOf[at] ?? 0];
    if (!sum || typeof value !== "number" || !Number.isFinite(value)) continue;
    sum.count++;
    sum.sum += value;
    sum.min = Math.min(sum.min, value);
    sum.max = Math.max(sum.max, value);
  }
  return sums.map(({ count, sum, min, max }) => (count === 0 ? null : { mean: sum / count, min, max }));
}
