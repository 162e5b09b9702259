/** @file Which rows a fix changes, and why. */

import type { Observation } from "./observation.ts";
import { type Place, placeText } from "./problem/index.ts";

/** A change to a row. */
export interface Touch {
  readonly action: "drop" | "redact";
  /** The finding's code, and the reason for this row. */
  readonly code: string;
  readonly reason: string;
  /** The row it repeats, if that one stays. */
  readonly other?: Place;
}

/** Changes by file and row number. A row may have several; a drop takes precedence over a redaction. */
export type TouchedRows = ReadonlyMap<string, ReadonlyMap<number, readonly Touch[]>>;

/** The changes of all observations with a remedy. Evidence without a row changes nothing. */
export function touchedRows(observations: readonly Observation[]): TouchedRows {
  const files = new Map<string, Map<number, Touch[]>>();
  const add = ({ file, row }: Place, touch: Touch): void => {
    if (row === undefined) return;
    const rows = files.get(file) ?? new Map<number, Touch[]>();
    files.set(file, rows);
    rows.set(row, [...(rows.get(row) ?? []), touch]);
  };
  for (const { finding, evidence } of observations) {
    for (const { place, other, reason, remedy } of evidence) {
      const code = finding.code;
      if (remedy === "redact") add(place, { action: "redact", code, reason });
      if (remedy === "drop") add(place, { action: "drop", code, reason, ...(other ? { other } : {}) });
      if (remedy === "drop-other" && other !== undefined) {
        add(other, { action: "drop", code, reason: `${placeText(place)} has ${reason}`, other: place });
      }
    }
  }
  return files;
}
