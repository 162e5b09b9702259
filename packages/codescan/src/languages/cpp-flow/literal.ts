/** @file Literals of text: how many characters they hold. */

/** How many characters a literal has, quotes and a prefix left out. */
export function literalLength(source: string): number {
  const inside = source.replace(/^\w{0,3}"|"$/g, "");
  return inside.replace(/\\(x[0-9a-fA-F]{1,8}|[0-7]{1,3}|u[0-9a-fA-F]{4}|[\s\S])/g, "x").length;
}
