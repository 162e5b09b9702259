/**
 * @file What `--json` prints: documents and lines with a version, keys in snake_case, and no character that a terminal
 *   acts on.
 */
import { harmlessJson } from "./terminal.ts";

/** Grows when a key of a document changes its meaning or goes away. */
const FORMAT_VERSION = 1;

/** Maps whose keys are names of the user's, a client's or a data set's: they are printed as they came. */
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
 * A value as one JSON text.
 *
 * Keys in camelCase, which some documents had first, have a twin in snake_case beside them; scripts that read the old
 * ones go on working.
 *
 * @param indent spaces a level; 0: all on one line
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

/** Names as program code has them: `wallSeconds`, not `F1` or a label such as `Lost card`. */
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
