/**
 * @file Lines of a text, and the line that an index lies in.
 */

/** Lines without their ends, whatever these are; line n is element n - 1. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** Tells lines, counted from 1, of indexes that are asked for in rising order. */
export function lineCounter(text: string): (index: number) => number {
  let line = 1;
  let next = text.indexOf("\n");
  return (index) => {
    while (next >= 0 && next < index) {
      line++;
      next = text.indexOf("\n", next + 1);
    }
    return line;
  };
}
