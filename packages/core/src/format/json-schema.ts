/** @file What all readers of JSON Schemas share: the names of types, and references within a schema. */

/** What `type` may say. */
export const jsonTypes = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;

/** A type of JSON values. */
export type JsonType = (typeof jsonTypes)[number];

/** Whether a value is of a type; a whole number is an integer and a number. */
export function isOfJsonType(value: unknown, type: JsonType): boolean {
  if (value === null || Array.isArray(value)) return type === (value === null ? "null" : "array");
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

/**
 * Follows a reference within a document: `#`, or `#` and a JSON pointer.
 *
 * @returns what it leads to, `undefined` for nothing; `null` for any other reference: another document, an anchor
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

/** A step as written where it is no valid percent-encoding. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
