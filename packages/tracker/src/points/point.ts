/** @file A value of a metric of a run, and how its number is stored. */
import type { SqlRow } from "../database/database.ts";

/** The packaged driver (1.2.1) treats a smaller positive number as an integer and binds 0. */
const smallestBound = 1e-15;

/** A value at a step. */
export interface Point {
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** A point and the series it belongs to. */
export interface RunPoint extends Point {
  /** Number of the run. */
  readonly run: number;
  readonly key: string;
}

/**
 * A number as two columns: its value, or text if the database or its driver would change it. Infinities are also stored
 * as the largest numbers, so that comparisons work.
 */
export function numberColumns(value: number): [value: number, special: string] {
  if (Math.abs(value) === Number.POSITIVE_INFINITY)
    return [Math.sign(value) * Number.MAX_VALUE, String(value)];
  const bound = Number.isFinite(value) && (value === 0 || Math.abs(value) >= smallestBound);
  return bound ? [value, ""] : [0, String(value)];
}

/** Reads a number from its two columns. */
export function numberOf(row: SqlRow, value = "value", special = "special"): number {
  return Number(row[special] || row[value]);
}

/** Reads a row of `points`. */
export function pointFrom(row: SqlRow): Point {
  return { step: Number(row["step"]), ms: Number(row["ms"]), value: numberOf(row) };
}

/**
 * Whether `a` is the later of two points.
 *
 * @source MLflow: the latest metric is the one with the largest (step, timestamp, value), not the last written
 */
export function isLater(a: Point, b: Point): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.ms !== b.ms) return a.ms > b.ms;
  return a.value > b.value || Number.isNaN(b.value);
}
