/** @file Typed lookups in GGUF metadata: a value of the wrong type is an error. */
import { damagedFile } from "../positioned-file.ts";
import type { GgufValue } from "./cursor.ts";

/** Metadata with the file's path for errors. */
export interface GgufMetadata {
  readonly path: string;
  readonly values: ReadonlyMap<string, GgufValue>;
}

/** A number; `undefined` if absent. @throws {TunewiseError} `MODEL_FILE_DAMAGED` for another type */
export function numberOf(metadata: GgufMetadata, key: string): number | undefined {
  const value = metadata.values.get(key);
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  throw wrong(metadata, key, "a number");
}

/** A positive integer. @throws {TunewiseError} `MODEL_FILE_DAMAGED` if absent or of another type */
export function sizeOf(metadata: GgufMetadata, key: string): number {
  const value = numberOf(metadata, key);
  if (value === undefined) throw damagedFile(metadata.path, `it has no ${key}`);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw wrong(metadata, key, "a positive whole number");
}

/** A string; `undefined` if absent. @throws {TunewiseError} `MODEL_FILE_DAMAGED` for another type */
export function textOf(metadata: GgufMetadata, key: string): string | undefined {
  const value = metadata.values.get(key);
  if (value === undefined || typeof value === "string") return value;
  throw wrong(metadata, key, "a string");
}

/** A boolean; `undefined` if absent. @throws {TunewiseError} `MODEL_FILE_DAMAGED` for another type */
export function flagOf(metadata: GgufMetadata, key: string): boolean | undefined {
  const value = metadata.values.get(key);
  if (value === undefined || typeof value === "boolean") return value;
  throw wrong(metadata, key, "a boolean");
}

/** A list of strings; `undefined` if absent. @throws {TunewiseError} `MODEL_FILE_DAMAGED` for other values */
export function textsOf(metadata: GgufMetadata, key: string): readonly string[] | undefined {
  const value = metadata.values.get(key);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw wrong(metadata, key, "a list of strings");
}

/** A list of numbers; `undefined` if absent. @throws {TunewiseError} `MODEL_FILE_DAMAGED` for other values */
export function numbersOf(metadata: GgufMetadata, key: string): readonly number[] | undefined {
  const value = metadata.values.get(key);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value;
  throw wrong(metadata, key, "a list of numbers");
}

function wrong(metadata: GgufMetadata, key: string, kind: string): Error {
  return damagedFile(metadata.path, `${key} is not ${kind}`);
}
