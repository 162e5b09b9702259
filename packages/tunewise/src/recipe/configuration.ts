/** @file The effective configuration: a completed recipe as canonical JSON, for records and fingerprints. */
import { snakeKeys } from "./draft.ts";
import { type RecipeReading, readRecipe } from "./read.ts";
import type { Recipe } from "./recipe.ts";

/**
 * Keys that were added after recipes had been recorded. They are omitted if they have their defaults, so that older
 * recipes keep their configuration, and with it the fingerprints of their runs, plans and searches.
 */
const laterKeys: readonly string[] = [
  "dora",
  "rank_pattern",
  "alpha_pattern",
  "master_dtype",
  "loss",
  "reasoning",
  "mix",
  "answers",
  "text_column",
  "sample_by",
  "chat_template",
  "chat_template_kwargs",
];
/** Default of `safety.scanners`, omitted for the same reason. */
const usualScanners = '["builtin"]';

/**
 * Serializes a recipe to canonical JSON: the file's key names, sorted, without spaces. The result is itself a recipe
 * that reads back equal.
 *
 * @source RFC 8785 (key order, number format); the subset that a recipe needs
 */
export function effectiveConfiguration(recipe: Recipe): string {
  const { model, data, method, training, safety, ...rest } = snakeKeys(recipe);
  const { scanners, ...measured } = safety;
  const shownSafety = JSON.stringify(scanners) === usualScanners ? measured : safety;
  return JSON.stringify(
    sorted({
      ...rest,
      model: withoutLater(model),
      data: withoutLater(data),
      safety: shownSafety,
      method: withoutLater(method),
      training: withoutLater(training),
    }),
  );
}

function withoutLater(section: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(section).filter(([key, value]) => !laterKeys.includes(key) || !isDefault(value)),
  );
}

/** Whether a later key has its default value. */
function isDefault(value: unknown): boolean {
  return (
    value === null ||
    value === false ||
    value === "auto" ||
    value === "nll" ||
    value === "train" ||
    value === "document" ||
    JSON.stringify(value) === "{}"
  );
}

/**
 * Reads a recorded configuration. Keys that did not exist when the run was recorded get the behavior of that time, not
 * today's default: answers were decoded freely before `evaluation.decoding` existed, and only the last answer of a
 * conversation was trained before `data.train_on` existed.
 *
 * @param path used in source locations; not opened
 */
export function readConfiguration(text: string, path: string, folder = ""): RecipeReading {
  return readRecipe(withEarlierDefaults(text), path, folder);
}

function withEarlierDefaults(text: string): string {
  try {
    const recorded: unknown = JSON.parse(text);
    const decoded = withKey(recorded, "evaluation", "decoding", "free");
    return JSON.stringify(withKey(decoded, "data", "train_on", "last"));
  } catch {
    return text; // the reader reports the error
  }
}

/** Adds a key to a section that does not have it. */
function withKey(recorded: unknown, section: string, key: string, value: string): unknown {
  if (!isObject(recorded)) return recorded;
  const found = recorded[section];
  return isObject(found) && !(key in found)
    ? { ...recorded, [section]: { ...found, [key]: value } }
    : recorded;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, key === ordered ? item : sorted(item)]));
}

/** Variables of a template, which may write them out in their order. */
const ordered = "chat_template_kwargs";
