/** @file Normalizes text for comparison. */

/** Returns the runs of letters and digits in lower case, joined by single spaces. */
export function normalizeText(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(" ");
}
