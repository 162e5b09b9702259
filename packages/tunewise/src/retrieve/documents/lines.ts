/** @file Lines of a text, and the line number of an index. */

/** Splits lines at any line ending; line n is element n - 1. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** Returns line numbers, counted from 1, for indices passed in ascending order. */
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
