/**
 * @file Groups and times on the wrong side of a split, as they are told.
 */
import { placeText } from "../../problem/index.ts";
import { type Evidence, type Observation, observe } from "../observation.ts";
import { type Part, parts, type Row } from "../row.ts";
import { groupsAcross, rowsBeforeNewest } from "./groups-and-times.ts";
import { partsOf } from "./observations.ts";

/** Group names are cut to so many characters. */
const shownLength = 40;

/**
 * `DATA_LEAK_GROUP`: held-out rows whose group an earlier part has too.
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
    const evidence = found.map((one): Evidence => {
      const [row, twin] = [rowAt(rows, one.row), rowAt(rows, one.other)];
      const reason = `group ${shortName(groups[one.row] ?? "")} is that of ${placeText(twin.place)}`;
      return { place: row.place, reason, other: twin.place };
    });
    const [shown] = evidence;
    if (shown?.other === undefined) return [];
    const first = `${placeText(shown.place)} as ${placeText(shown.other)}`;
    const about = { split: part, other, percent: percentOf(rows, part, found.length), first };
    const names = new Set(found.map((one) => groups[one.row]));
    return [observe("DATA_LEAK_GROUP", "warning", { ...about, groups: names.size }, evidence)];
  });
}

/**
 * `DATA_LEAK_TIME`: held-out rows that are older than the newest training row.
 *
 * @param times milliseconds of each row; NaN where unknown
 */
export function observeTimes(rows: readonly Row[], times: Float64Array): Observation[] {
  const part = partsOf(rows);
  return (["test", "validation"] as const).flatMap((held) => {
    const { newest, rows: early } = rowsBeforeNewest(times, part, parts.indexOf(held));
    const [shown] = early;
    if (shown === undefined) return [];
    const other = rowAt(rows, newest).place;
    const evidence = Array.from(early, (row): Evidence => {
      return { place: rowAt(rows, row).place, reason: `older than ${placeText(other)}`, other };
    });
    const first = `${placeText(rowAt(rows, shown).place)} is older than ${placeText(other)}`;
    const about = { split: held, percent: percentOf(rows, held, early.length), first };
    return [observe("DATA_LEAK_TIME", "warning", about, evidence)];
  });
}

function percentOf(rows: readonly Row[], part: Part, count: number): string {
  return ((100 * count) / rows.filter((row) => row.part === part).length).toFixed(1);
}

function rowAt(rows: readonly Row[], at: number): Row {
  return rows[at] as Row;
}

function shortName(name: string): string {
  return name.length > shownLength ? `${name.slice(0, shownLength)}...` : name;
}
