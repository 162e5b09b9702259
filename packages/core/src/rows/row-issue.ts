/** @file Problems with rows, collected into one finding per code. */

import {
  type Finding,
  type Place,
  type ProblemCatalog,
  placesShown,
  placeText,
  type Severity,
} from "../problem/index.ts";
import { countOf } from "../quantity/index.ts";

/** The reason why a row cannot be used as is. */
export interface RowIssue<Code extends string> {
  readonly code: Code;
  /** A few words that complete "line 7: ". */
  readonly reason: string;
}

/** Collects the issues of many rows into findings. */
export interface RowIssues<Code extends string> {
  add(issue: RowIssue<Code>, place: Place, severity?: Severity): void;
  /** Returns one finding per code, in order of first occurrence. */
  findings(): Finding[];
  /** The collected issues as plain values that can be merged. */
  gathered(): readonly GatheredIssue<Code>[];
}

/** Collected rows with one code. */
export interface GatheredIssue<Code extends string> {
  readonly code: Code;
  /** Severity and reason of the first row. */
  readonly severity: Severity;
  readonly reason: string;
  count: number;
  /** The first rows. */
  readonly places: Place[];
}

/**
 * Merges issues that were collected in several parts of a file into findings.
 *
 * @param parts in file order
 * @param findingOf of the catalog that words the codes
 */
export function issueFindings<Code extends string>(
  parts: readonly (readonly GatheredIssue<Code>[])[],
  findingOf: ProblemCatalog<Code>["findingOf"],
): Finding[] {
  const byCode = new Map<Code, GatheredIssue<Code>>();
  for (const { code, ...one } of parts.flat()) {
    const known = byCode.get(code);
    if (known === undefined) byCode.set(code, { code, ...one, places: [...one.places] });
    else {
      known.count += one.count;
      known.places.push(...one.places.slice(0, placesShown - known.places.length));
    }
  }
  return [...byCode.values()].map(({ code, severity, reason, count, places }) => {
    const first = `${placeText(places[0] as Place)}: ${reason}`;
    return findingOf(code, severity, { count, rows: countOf(count, "row"), first }, places, count);
  });
}

/**
 * Creates an empty collection.
 *
 * @param severity default severity of an issue
 * @param findingOf of the catalog that words the codes
 */
export function collectRowIssues<Code extends string>(
  severity: Severity,
  findingOf: ProblemCatalog<Code>["findingOf"],
): RowIssues<Code> {
  const byCode = new Map<Code, GatheredIssue<Code>>();
  return {
    add(issue, place, own = severity): void {
      let gathered = byCode.get(issue.code);
      if (gathered === undefined) {
        gathered = { ...issue, severity: own, count: 0, places: [] };
        byCode.set(issue.code, gathered);
      }
      gathered.count++;
      if (gathered.places.length < placesShown) gathered.places.push(place);
    },
    findings: () => issueFindings([[...byCode.values()]], findingOf),
    gathered: () => [...byCode.values()],
  };
}
