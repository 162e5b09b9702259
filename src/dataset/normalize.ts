/**
 * @file When two texts count as the same: letters and digits in lower case, joined by single spaces.
 */

/**
 * The text's runs of letters and digits in lower case; for plain English equal to `[a-z0-9]+` joined by a
 * space.
 */
export function normalizeText(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(" ");
}
