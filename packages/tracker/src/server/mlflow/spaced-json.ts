/**
 * @file Writes JSON with a space after each comma and colon, as Python does, since clients compare some tags as text.
 *
 * @source Python's json.dumps with its default separators
 */

/** Serializes a JSON value. */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}: ${spacedJson(part)}`).join(", ")}}`;
}
