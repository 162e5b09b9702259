/** @file What is shown of lists and texts of any length: clients log values of megabytes and thousands of keys. */

/** The first items of a list, and how many it has. */
export interface Some<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

/** A text, or its beginning. */
export interface ShownText {
  readonly text: string;
  /** Characters of the whole, where `text` is only its beginning; else `null`. */
  readonly length: number | null;
}

/** The first items. */
export function some<Item>(items: readonly Item[], most: number): Some<Item> {
  return { items: items.slice(0, most), total: items.length };
}

/** The beginning of a text; no character of two halves is cut in two. */
export function shownText(text: string, most: number): ShownText {
  if (text.length <= most) return { text, length: null };
  const isPair = /[\uD800-\uDBFF]/.test(text[most - 1] ?? "");
  return { text: text.slice(0, isPair ? most - 1 : most), length: text.length };
}
