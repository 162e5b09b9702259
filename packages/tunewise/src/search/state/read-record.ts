/** @file Reads one record from untrusted JSON. */
import { problem } from "../../problem/index.ts";
import type { Axis } from "../space/axis.ts";
import { checkPoint } from "../space/check-space.ts";
import type { SearchPoint } from "../space/hyperparameter.ts";
import type { SearchRecord } from "./record.ts";

/** Maximum number of points on a curve. */
const maxCurve = 100_000;

const origins = ["defaults", "known", "random", "halton", "tpe", "gaussian-process"];

/**
 * Validates a record in every field.
 *
 * @param value result of `JSON.parse`
 * @param number number of the record, counted from 1
 * @throws {TunewiseError} `SEARCH_RECORD_INVALID` with the record's number and what is wrong
 */
export function readRecord(value: unknown, axes: readonly Axis[], number: number): SearchRecord {
  const reason = faultOf(value, axes);
  if (reason !== null) throw problem("SEARCH_RECORD_INVALID", { number, reason });
  return value as SearchRecord;
}

function faultOf(value: unknown, axes: readonly Axis[]): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is not an object";
  const record = value as Readonly<Record<string, unknown>>;
  switch (record["kind"]) {
    case "stretch-start":
      return (
        fieldFault(record, {
          trial: isCount,
          from: isAmount,
          to: isAmount,
          maxMicroUsd: isMoney,
          origin: isOrigin,
        }) ?? pointFault(record["point"], axes)
      );
    case "stretch-end":
      return fieldFault(record, {
        trial: isCount,
        at: isAmount,
        microUsd: isMoney,
        curve: isCurve,
        value: (found) => found === null || Number.isFinite(found),
        status: (found) => ["reached", "failed", "cut"].includes(found as string),
      });
    case "known-run":
      return (
        fieldFault(record, { run: isText, savedAt: isAmount, curve: isCurve }) ??
        pointFault(record["point"], axes)
      );
    default:
      return `its kind is ${JSON.stringify(record["kind"]) ?? "missing"}`;
  }
}

function fieldFault(
  record: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, (found: unknown) => boolean>>,
): string | null {
  for (const [field, isFine] of Object.entries(checks)) {
    if (isFine(record[field])) continue;
    return `${field} is ${(JSON.stringify(record[field]) ?? "missing").slice(0, 80)}`;
  }
  return null;
}

function pointFault(point: unknown, axes: readonly Axis[]): string | null {
  if (typeof point !== "object" || point === null || Array.isArray(point)) return "point is not an object";
  try {
    checkPoint(axes, point as SearchPoint, true);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function isCount(found: unknown): boolean {
  return Number.isSafeInteger(found) && (found as number) > 0;
}

function isAmount(found: unknown): boolean {
  return typeof found === "number" && Number.isFinite(found) && found >= 0;
}

function isMoney(found: unknown): boolean {
  return Number.isSafeInteger(found) && (found as number) >= 0;
}

function isText(found: unknown): boolean {
  return typeof found === "string" && found.length > 0 && found.length <= 1000;
}

function isOrigin(found: unknown): boolean {
  return typeof found === "string" && origins.includes(found);
}

function isCurve(found: unknown): boolean {
  if (!Array.isArray(found) || found.length > maxCurve) return false;
  let last = Number.NEGATIVE_INFINITY;
  return found.every((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(Number.isFinite)) return false;
    const rises = (pair[0] as number) > last && (pair[0] as number) >= 0;
    last = pair[0] as number;
    return rises;
  });
}
