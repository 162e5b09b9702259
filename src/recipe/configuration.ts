/**
 * @file The effective configuration: a recipe after defaults as one canonical text, for records and fingerprints.
 */
import { snakeKeys } from "./case.ts";
import type { Recipe } from "./recipe.ts";

/**
 * Canonical JSON of a recipe: the file's key names, sorted, without spaces. It is itself a recipe and reads back equal.
 *
 * @source RFC 8785 (order of keys, number form), of which this is the part a recipe needs
 */
export function effectiveConfiguration(recipe: Recipe): string {
  return JSON.stringify(sorted(snakeKeys(recipe)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
