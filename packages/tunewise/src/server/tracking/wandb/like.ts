/** @file Patterns as SQL's LIKE has them, asked of one text after the other. */

/**
 * Whether a text fits a pattern: `%` stands for any letters, `_` for one; a backslash in front makes either a letter.
 *
 * Each `%` is tried where it reached last, so that no pattern takes more than its length times that of the text.
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
