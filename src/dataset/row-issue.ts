/** @file Problems with rows, collected into one finding per code. */

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

/** The reason why a row cannot be used as is. */
export interface RowIssue {
  readonly code: ProblemCode;
  /** A few words that complete "line 7: ". */
  readonly reason: string;
}

/** Collects the issues of many rows into findings. */
export interface RowIssues {
  add(issue: RowIssue, place: Place, severity?: Severity): void;
  /** Returns one finding per code, in order of first occurrence. */
  findings(): Finding[];
}

interface Gathered {
  severity: Severity;
  count: number;
  readonly first: string;
  readonly places: Place[];
}

/**
 * Creates an empty collection.
 *
 * @param severity severity of an issue added without one
 */
export function collectRowIssues(severity: Severity): RowIssues {
  const byCode = new Map<ProblemCode, Gathered>();
  return {
    add(issue, place, own = severity): void {
      let gathered = byCode.get(issue.code);
      if (gathered === undefined) {
        gathered = { severity: own, count: 0, first: `${placeText(place)}: ${issue.reason}`, places: [] };
        byCode.set(issue.code, gathered);
      }
      gathered.count++;
      if (gathered.places.length < placesShown) gathered.places.push(place);
    },
    findings: () =>
      [...byCode].map(([code, { severity: level, count, first, places }]) =>
        findingOf(code, level, { count, rows: countOf(count, "row"), first }, places, count),
      ),
  };
}
