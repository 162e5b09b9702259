/** @file Reads single fields of an untrusted configuration, within bounds. */
import { problem } from "../../problem/index.ts";
import { type Config, isInRange, numberRanges, rangeText } from "../../weights/index.ts";

/** An integer from 1 to `max`; `fallback` if the field is missing or null. */
export function readInteger(config: Config, field: string, max: number, fallback?: number): number {
  const value = config[field] ?? fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > max) {
    throw invalid(field, value, `a whole number from 1 to ${max}`);
  }
  return value;
}

/** A finite number in the field's range; `fallback` if the field is missing or null. */
export function readNumber(config: Config, field: string, fallback: number): number {
  const value = config[field] ?? fallback;
  const range = numberRanges[field];
  if (typeof value !== "number" || !Number.isFinite(value)) throw invalid(field, value, "a number");
  if (range !== undefined && !isInRange(value, range)) throw invalid(field, value, rangeText(range));
  return value;
}

/** A positive number, or null if the file says null; `fallback` if the field is missing. */
export function readOptionalNumber(config: Config, field: string, fallback: number | null): number | null {
  const value = config[field] === undefined ? fallback : config[field];
  if (value === null) return null;
  if (typeof value !== "number" || !(value > 0) || !Number.isFinite(value)) {
    throw invalid(field, value, "a positive number or null");
  }
  return value;
}

/** A boolean; `fallback` if the field is missing or null. */
export function readFlag(config: Config, field: string, fallback: boolean): boolean {
  const value = config[field] ?? fallback;
  if (typeof value !== "boolean") throw invalid(field, value, "true or false");
  return value;
}

function invalid(field: string, value: unknown, wanted: string): Error {
  const found = value === undefined ? "missing" : JSON.stringify(value)?.slice(0, 60);
  return problem("MODEL_CONFIG_INVALID", { detail: `${field} is ${found}, expected ${wanted}` });
}
