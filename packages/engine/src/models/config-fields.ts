/** @file Reads single fields of an untrusted configuration, within bounds. */
import { problem } from "../problem/index.ts";
import { type Config, isInRange, isJsonObject, numberRanges, rangeText } from "../weights/index.ts";
import { isInert, isNeutral } from "./inert-fields.ts";

/** A configuration that records which of its fields are read. */
export interface Recorded {
  readonly config: Config;
  /**
   * Rejects fields that were not read, unless they are known to have no effect.
   *
   * @throws {TunewiseError} `MODEL_CONFIG_FIELD_UNKNOWN`
   */
  checkAllRead(family: string): void;
}

/**
 * Records which fields of a configuration, including nested objects, are read.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_FIELD_UNKNOWN` from `checkAllRead`
 */
export function recorded(given: Config): Recorded {
  const { view, unread } = record(given, "");
  return {
    config: view,
    checkAllRead: (family) => {
      const [first] = unread();
      if (first !== undefined) throw problem("MODEL_CONFIG_FIELD_UNKNOWN", { ...first, family });
    },
  };
}

interface Recording {
  readonly view: Config;
  readonly unread: () => readonly { readonly field: string; readonly value: string }[];
}

function record(given: Config, prefix: string): Recording {
  const read = new Set<string>();
  const parts = new Map<string, Recording>();
  const get = (_: Config, field: string | symbol): unknown => {
    if (typeof field !== "string" || !Object.hasOwn(given, field)) return undefined;
    read.add(field);
    const value = given[field];
    if (!isJsonObject(value)) return value;
    const part = parts.get(field) ?? record(value, `${prefix}${field}.`);
    parts.set(field, part);
    return part.view;
  };
  return {
    view: new Proxy(given, { get }),
    unread: () => [
      ...Object.entries(given)
        .filter(([field, value]) => !read.has(field) && !isInert(field) && !isNeutral(value))
        .map(([field, value]) => ({ field: prefix + field, value: shown(value) })),
      ...[...parts.values()].flatMap((part) => part.unread()),
    ],
  };
}

/** An object in a configuration, or `null` if it is missing or null. */
export function readPart(config: Config, field: string): Config | null {
  const value = config[field] ?? null;
  if (value === null || isJsonObject(value)) return value;
  throw invalid(field, value, "an object");
}

/**
 * A list of `length` items, or `null` if it is missing or null.
 *
 * @param read an item's value, or `undefined` if it is invalid
 */
export function readList<Item>(
  config: Config,
  field: string,
  length: number,
  read: (item: unknown) => Item | undefined,
): readonly Item[] | null {
  const value = config[field] ?? null;
  if (value === null) return null;
  const items = Array.isArray(value) && value.length === length ? value : null;
  if (items === null) throw invalid(field, value, `a list of ${length} values`);
  return items.map((item) => {
    const found = read(item);
    if (found === undefined) throw invalid(`${field}: an item`, item, "a supported value");
    return found;
  });
}

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
  return problem("MODEL_CONFIG_INVALID", { detail: `${field} is ${shown(value)}, expected ${wanted}` });
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value) ?? "").slice(0, 60);
}
