/**
 * @file What is wrong with a row, gathered into one finding per code.
 */

import {
  type Finding,
  findingOf,
  type Place,
  type ProblemCode,
  placesShown,
  placeText,
  type Severity,
} from "../problem/index.ts";
import { countOf } from "../quantity/index.ts";

/** Why one row cannot be used as it stands. */
export interface Complaint {
  readonly code: ProblemCode;
  /** A few words that follow "line 7: ". */
  readonly reason: string;
}

/** Complaints of many rows on their way to findings. */
export interface Complaints {
  add(complaint: Complaint, place: Place, severity?: Severity): void;
  /** One finding per code, in the order the codes first came up. */
  findings(): Finding[];
}

interface Gathered {
  severity: Severity;
  count: number;
  readonly first: string;
  readonly places: Place[];
}

/**
 * An empty collection.
 *
 * @param severity that of a complaint added without one
 */
export function collectComplaints(severity: Severity): Complaints {
  const byCode = new Map<ProblemCode, Gathered>();
  return {
    add(complaint, place, own = severity): void {
      let gathered = byCode.get(complaint.code);
      if (gathered === undefined) {
        gathered = { severity: own, count: 0, first: `${placeText(place)}: ${complaint.reason}`, places: [] };
        byCode.set(complaint.code, gathered);
      }
      gathered.count++;
      if (gathered.places.length < placesShown) gathered.places.push(place);
    },
    findings: () =>
      [...byCode].map(([code, { severity: level, count, first, places }]) =>
        findingOf(code, level, { count, rows: rowsText(count), first }, places, count),
      ),
  };
}

/** `1 row`, `3 rows`. */
export function rowsText(count: number): string {
  return countOf(count, "row");
}
