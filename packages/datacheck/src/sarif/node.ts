/** @file Reads parts of an untrusted JSON document. A value of the wrong type counts as missing. */

/** An object of unknown content. */
export type Node = Readonly<Record<string, unknown>>;

/** The value if it is an object, otherwise an empty object. */
export function nodeIn(value: unknown): Node {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

/** The first elements of the value if it is a list, otherwise none. */
export function listIn(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

/** The start of the text; empty if the value is not text. */
export function textIn(value: unknown, most = 1_000): string {
  return typeof value === "string" ? value.slice(0, most) : "";
}

/** The value if it is a non-negative integer. */
export function countIn(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The list's entry at an index, or an empty object if the index is invalid. */
export function entryIn(list: readonly unknown[], index: unknown): Node {
  const at = countIn(index);
  return at === undefined ? {} : nodeIn(list[at]);
}
