/** @file Matches patterns of SQL's LIKE. */

/**
 * Whether a text matches a pattern: `%` stands for any characters, `_` for one; a backslash escapes either.
 *
 * Backtracks only to the last `%`, so that time is bounded by the product of both lengths.
 */
export function isLike(text: string, pattern: string): boolean {
  const marks = [...pattern.matchAll(/\\?[\s\S]/gu)].map(([mark]) => mark);
  const letters = [...text];
  let [at, mark, star, starAt] = [0, 0, -1, 0];
  while (at < letters.length) {
    const wanted = marks[mark];
    if (wanted === "%") {
      [star, starAt] = [mark++, at];
    } else if (wanted === "_" || (wanted !== undefined && plain(wanted) === letters[at])) {
      at++;
      mark++;
    } else if (star >= 0) {
      mark = star + 1;
      at = ++starAt;
    } else return false;
  }
  return marks.slice(mark).every((left) => left === "%");
}

function plain(mark: string): string {
  return mark.length > 1 && mark.startsWith("\\") ? mark.slice(1) : mark;
}
