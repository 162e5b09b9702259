/** @file Fixed texts of a syntax as atoms: markers such as `<tool_call>`, words, white space, marks. */

const atom = /<[^<>\s]{1,60}>|\[[A-Z_/]{2,40}\]|[\p{L}\p{N}_]+|\s+|([>`=#*~-])\1+|[\s\S]/gu;

/** Splits a text into atoms. */
export function atomsOf(text: string): string[] {
  return text.match(atom) ?? [];
}

/** Whether an atom is a marker such as `<tool_call>`, which ordinary text does not contain. */
export function isMarker(atom: string): boolean {
  return atom.length > 2 && /^[<[]/.test(atom);
}

/** The longest beginning of whole atoms that two texts share; a marker is shared completely or not at all. */
export function sharedStart(a: string, b: string): string {
  const [left, right] = [atomsOf(a), atomsOf(b)];
  let count = 0;
  while (count < left.length && left[count] === right[count]) count++;
  return left.slice(0, count).join("");
}

/** The longest ending of whole atoms that two texts share. */
export function sharedEnd(a: string, b: string): string {
  const [left, right] = [atomsOf(a), atomsOf(b)];
  let count = 0;
  while (count < Math.min(left.length, right.length) && left.at(-1 - count) === right.at(-1 - count)) count++;
  return left.slice(left.length - count).join("");
}
