/**
 * @file The effective configuration: a recipe after defaults as one canonical text, for records and fingerprints.
 */
import { snakeKeys } from "./case.ts";
import { type RecipeReading, readRecipe } from "./read.ts";
import type { Recipe } from "./recipe.ts";

/**
 * Canonical JSON of a recipe: the file's key names, sorted, without spaces. It is itself a recipe and reads back equal.
 *
 * @source RFC 8785 (order of keys, number form), of which this is the part a recipe needs
 */
export function effectiveConfiguration(recipe: Recipe): string {
  return JSON.stringify(sorted(snakeKeys(recipe)));
}

/**
 * Reads a recorded configuration. What a run was recorded without is taken for what was done then, not for today's
 * default: answers were decoded freely before `evaluation.decoding` was a key.
 *
 * @param path shown in places; it is not opened
 */
export function readConfiguration(text: string, path: string, folder = ""): RecipeReading {
  return readRecipe(withEarlierDefaults(text), path, folder);
}

function withEarlierDefaults(text: string): string {
  try {
    const recorded = JSON.parse(text) as { readonly evaluation?: Readonly<Record<string, unknown>> };
    const { evaluation } = recorded;
    if (typeof evaluation !== "object" || evaluation === null || "decoding" in evaluation) return text;
    return JSON.stringify({ ...recorded, evaluation: { ...evaluation, decoding: "free" } });
  } catch {
    return text; // the reader says what is wrong with it
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
