/** @file Reads untrusted JSON files of a model, bounded in size. */

import { parseJson } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import { damagedFile, readWholeFile } from "./positioned-file.ts";

/** A parsed JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads the object in a JSON file.
 *
 * @param maximumBytes larger files are rejected before they are read
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_FILE_LIMIT`, or `MODEL_FILE_DAMAGED` if it is not a JSON
 *   object
 */
export async function readJsonFile(path: string, maximumBytes: number): Promise<JsonObject> {
  return parseJsonObject(await readWholeFile(path, maximumBytes), path);
}

/**
 * Parses a JSON object.
 *
 * @param path named in the error
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED` if the bytes are not UTF-8, not JSON or not an object
 */
export function parseJsonObject(bytes: Uint8Array, path: string): JsonObject {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const detail = `it is not valid JSON (${(cause as Error).message})`;
    throw problem("MODEL_FILE_DAMAGED", { file: path, detail }, { cause });
  }
  if (isJsonObject(value)) return value;
  throw damagedFile(path, "it is not a JSON object");
}

/** Whether a parsed value is an object, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
