/** @file Bounds for lists and texts that the page shows. Clients may log values of megabytes and thousands of keys. */

/** The first items of a list, and the length of the list. */
export interface Some<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

/** A text, truncated if it is too long. */
export interface ShownText {
  readonly text: string;
  /** Length of the full text in characters if `text` is truncated, otherwise `null`. */
  readonly length: number | null;
}

/** Returns the first items. */
export function some<Item>(items: readonly Item[], most: number): Some<Item> {
  return { items: items.slice(0, most), total: items.length };
}

/** Returns the start of a text. Does not split a surrogate pair. */
export function shownText(text: string, most: number): ShownText {
  if (text.length <= most) return { text, length: null };
  const isPair = /[\uD800-\uDBFF]/.test(text[most - 1] ?? "");
  return { text: text.slice(0, isPair ? most - 1 : most), length: text.length };
}
