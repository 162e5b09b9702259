/** @file Parts of a JSON document of others: what has another type than it should is as good as missing. */

/** An object of unknown content. */
export type Node = Readonly<Record<string, unknown>>;

/** The object, or an empty one. */
export function nodeIn(value: unknown): Node {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

/** The first elements of the list, or none. */
export function listIn(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

/** The beginning of the text; empty where it is none. */
export function textIn(value: unknown, most = 1_000): string {
  return typeof value === "string" ? value.slice(0, most) : "";
}

/** The whole number, zero and up. */
export function countIn(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** What the number points at; an index may point nowhere. */
export function entryIn(list: readonly unknown[], index: unknown): Node {
  const at = countIn(index);
  return at === undefined ? {} : nodeIn(list[at]);
}
