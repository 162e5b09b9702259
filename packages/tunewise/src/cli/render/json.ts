/**
 * @file Output of `--json`: documents and lines with a version, keys in snake_case, and no terminal control characters.
 */
import { harmlessJson } from "./terminal.ts";

/** Increased when a key of a document changes its meaning or is removed. */
const FORMAT_VERSION = 1;

/** Maps whose keys are names chosen by users, clients or data sets, which are printed unchanged. */
const maps = new Set([
  "config",
  "configuration",
  "hyperparameters",
  "metrics",
  "params",
  "recipe",
  "summary",
  "tags",
]);

/**
 * Serializes a value as JSON.
 *
 * Keys in camelCase, which some documents had originally, are duplicated in snake_case; scripts that read the old keys
 * still work.
 *
 * @param indent spaces per level; 0 puts everything on one line
 */
export function jsonText(body: object, indent = 0): string {
  const document = { format_version: FORMAT_VERSION, ...body };
  return harmlessJson(JSON.stringify(withTwins(document), null, indent));
}

function withTwins(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTwins);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const name = snakeCase(key);
    if (name !== key && !(name in value))
      return [
        [name, inSnakeCase(item)],
        [key, item],
      ];
    return [[key, isMap(key, item) ? item : withTwins(item)]];
  });
  return Object.fromEntries(entries);
}

function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    snakeCase(key),
    isMap(key, item) ? item : inSnakeCase(item),
  ]);
  return Object.fromEntries(entries);
}

/** Converts identifiers such as `wallSeconds`, but not `F1` or a label such as `Lost card`. */
function snakeCase(key: string): string {
  if (!/^[a-z][a-zA-Z0-9]*$/.test(key)) return key;
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isMap(key: string, value: unknown): boolean {
  return maps.has(key) && isPlain(value);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
