/** @file Helpers for reading JSON Schemas: type names, and references within a schema. */

/** Possible values of `type`. */
export const jsonTypes = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;

/** A type of JSON values. */
export type JsonType = (typeof jsonTypes)[number];

/** Whether a value has a type; an integer also counts as a number. */
export function isOfJsonType(value: unknown, type: JsonType): boolean {
  if (value === null || Array.isArray(value)) return type === (value === null ? "null" : "array");
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

/**
 * Resolves a reference within a document: `#`, or `#` and a JSON pointer.
 *
 * @returns the value that it points to, `undefined` if there is none; `null` for any other reference (another document,
 *   an anchor)
 * @source RFC 6901, sections 4 and 6
 */
export function resolveReference(root: unknown, reference: string): { readonly value: unknown } | null {
  if (reference !== "#" && !reference.startsWith("#/")) return null;
  let value = root;
  for (const step of reference.split("/").slice(1)) {
    const key = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
    const parent = typeof value === "object" && value !== null ? value : {};
    value = Object.hasOwn(parent, key) ? (parent as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return { value };
}

/** Decodes a step of the pointer, or returns it unchanged if its percent-encoding is invalid. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
