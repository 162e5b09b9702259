/** @file Leaks of groups and times across a split, and their observations. */

import { type Hit, type Observation, observeHits } from "../observation.ts";
import { placeText } from "../problem/index.ts";
import { type Part, parts, type Row } from "../row.ts";
import { partsOf } from "./observations.ts";

/** Maximum number of characters of a group name that is shown. */
const shownLength = 40;

/**
 * `DATA_LEAK_GROUP`: held-out rows whose group also occurs in an earlier part.
 *
 * @param groups value of each row; `null` or "" for none
 */
export function observeGroups(rows: readonly Row[], groups: readonly (string | null)[]): Observation[] {
  const shared = groupsAcross(groups, partsOf(rows));
  const across = parts.flatMap((part) => parts.map((other) => [part, other] as const));
  return across.flatMap(([part, other]) => {
    const found = shared.filter(
      (one) => rowAt(rows, one.row).part === part && rowAt(rows, one.other).part === other,
    );
    const hits = found.map((one): Hit => {
      const [row, twin] = [rowAt(rows, one.row), rowAt(rows, one.other)];
      const reason = `group ${shortName(groups[one.row] ?? "")} is that of ${placeText(twin.place)}`;
      return { row, reason, other: twin };
    });
    const names = new Set(found.map((one) => groups[one.row]));
    const more = { other, groups: names.size };
    return observeHits("DATA_LEAK_GROUP", "warning", part, hits, countOf(rows, part), more);
  });
}

/**
 * `DATA_LEAK_TIME`: held-out rows that are older than the newest training row.
 *
 * @param times milliseconds of each row; NaN if unknown
 */
export function observeTimes(rows: readonly Row[], times: Float64Array): Observation[] {
  const part = partsOf(rows);
  return (["test", "validation"] as const).flatMap((held) => {
    const { newest, rows: early } = rowsBeforeNewest(times, part, parts.indexOf(held));
    const other = rows[newest];
    if (early.length === 0 || other === undefined) return [];
    const reason = `older than ${placeText(other.place)}`;
    const hits = Array.from(early, (row): Hit => ({ row: rowAt(rows, row), reason, other }));
    const first = `${placeText(rowAt(rows, early[0] as number).place)} is ${reason}`;
    return observeHits("DATA_LEAK_TIME", "warning", held, hits, countOf(rows, held), { first });
  });
}

function countOf(rows: readonly Row[], part: Part): number {
  return rows.filter((row) => row.part === part).length;
}

function rowAt(rows: readonly Row[], at: number): Row {
  return rows[at] as Row;
}

function shortName(name: string): string {
  return name.length > shownLength ? `${name.slice(0, shownLength)}...` : name;
}

/** Rows that share a group with a row of an earlier part. */
interface SharedGroup {
  readonly row: number;
  /** The first row of the earliest part with that group. */
  readonly other: number;
}

/**
 * Finds held-out rows whose group (customer, document, conversation) also occurs in an earlier part.
 *
 * @param groups value of each row; `null` or "" for none
 * @param part part of each row, 0 for training
 */
export function groupsAcross(groups: readonly (string | null)[], part: Uint8Array): SharedGroup[] {
  const first = new Map<string, number>();
  for (const [row, group] of groups.entries()) {
    if (group === null || group === "") continue;
    const known = first.get(group);
    if (known === undefined || (part[row] as number) < (part[known] as number)) first.set(group, row);
  }
  const found: SharedGroup[] = [];
  for (const [row, group] of groups.entries()) {
    if (group === null || group === "") continue;
    const other = first.get(group) as number;
    if ((part[other] as number) < (part[row] as number)) found.push({ row, other });
  }
  return found;
}

/** Held-out rows that are older than the newest training row. */
interface EarlyRows {
  /** The newest training row, or -1 if no training row has a time. */
  readonly newest: number;
  readonly rows: Uint32Array;
  /** Number of held-out rows with a time. */
  readonly timed: number;
}

/**
 * Finds held-out rows that are not newer than all training rows, as they would be in production.
 *
 * @param times milliseconds of each row; NaN if unknown
 * @param part part of each row, 0 for training
 * @param heldOut the part to check
 */
export function rowsBeforeNewest(times: Float64Array, part: Uint8Array, heldOut: number): EarlyRows {
  let newest = -1;
  for (const [row, time] of times.entries()) {
    if (part[row] === 0 && !Number.isNaN(time) && (newest === -1 || time > (times[newest] as number)))
      newest = row;
  }
  const end = newest === -1 ? Number.NEGATIVE_INFINITY : (times[newest] as number);
  const timed = Uint32Array.from(times.keys()).filter(
    (row) => part[row] === heldOut && !Number.isNaN(times[row] as number),
  );
  return { newest, rows: timed.filter((row) => (times[row] as number) < end), timed: timed.length };
}
