/** @file Sums rows by group (passage, template, conversation), the unit of resampling. */

/** Sum of a value and number of rows of each group. */
export interface GroupSums {
  readonly sums: Float64Array;
  readonly sizes: Float64Array;
}

/** Numbers groups from 0 in order of appearance. */
export function numberGroups(groups: readonly (string | number)[]): { of: Int32Array; count: number } {
  const numbers = new Map<string | number, number>();
  const of = Int32Array.from(groups, (group) => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
  return { of, count: numbers.size };
}

/**
 * Sums values by group.
 *
 * @param groups group of each row; `null` makes every row its own group
 */
export function sumGroups(values: ArrayLike<number>, groups: readonly (string | number)[] | null): GroupSums {
  if (groups === null) {
    return { sums: Float64Array.from(values), sizes: new Float64Array(values.length).fill(1) };
  }
  const { of, count } = numberGroups(groups);
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  of.forEach((group, row) => {
    sums[group] = (sums[group] ?? 0) + (values[row] ?? 0);
    sizes[group] = (sizes[group] ?? 0) + 1;
  });
  return { sums, sizes };
}
