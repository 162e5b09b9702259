/**
 * @file All keywords in one pass over the text, whatever their number: the automaton of Aho and Corasick.
 *
 * @source Aho and Corasick 1975, Efficient string matching, algorithms 1 to 4
 */

/** Keywords as a table of transitions; case does not count. */
export interface KeywordTable {
  /**
   * State after a state and a class of characters: `next[state + class]`. States are counted in steps of `classes`;
   * one in which a keyword ends is written negative.
   */
  readonly next: Int32Array;
  readonly classes: number;
  /** Class of each ASCII character; 0, and all beyond ASCII, is in no keyword. */
  readonly classOf: Uint8Array;
  /** The keywords that end in a state, by their index; `null` for most. */
  readonly ends: readonly (readonly number[] | null)[];
  readonly lengths: Uint16Array;
}

/** The table for some keywords: ASCII, lower case, each at least one character. */
export function keywordTable(keywords: readonly string[]): KeywordTable {
  const classOf = new Uint8Array(128);
  let classes = 1;
  for (const keyword of keywords) {
    for (const one of keyword) {
      const code = one.charCodeAt(0);
      if (classOf[code] === 0) classOf[code] = classes++;
    }
  }
  for (let code = 65; code <= 90; code++) classOf[code] = classOf[code + 32] ?? 0;
  const states = keywords.reduce((sum, { length }) => sum + length, 1);
  const next = new Uint32Array(states * classes);
  const ends: (number[] | null)[] = Array.from({ length: states }, () => null);
  let used = 1;
  for (const [index, keyword] of keywords.entries()) {
    let state = 0;
    for (const one of keyword) {
      const cell = state * classes + (classOf[one.charCodeAt(0)] ?? 0);
      if (next[cell] === 0) next[cell] = used++;
      state = next[cell] ?? 0;
    }
    ends[state] = [...(ends[state] ?? []), index];
  }
  linkFailures(next, classes, ends);
  return {
    next: Int32Array.from(next, (state) => (ends[state] ? -state : state) * classes),
    ...{ classes, classOf, ends },
    lengths: Uint16Array.from(keywords, ({ length }) => length),
  };
}

/** Breadth first: what a state lacks it takes from the longest suffix that is a state, keywords' ends too. */
function linkFailures(next: Uint32Array, classes: number, ends: (number[] | null)[]): void {
  const failure = new Uint16Array(ends.length);
  const queue: number[] = [];
  for (let one = 0; one < classes; one++) if (next[one] !== 0) queue.push(next[one] ?? 0);
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0;
    const suffix = failure[state] ?? 0;
    const more = ends[suffix];
    if (more) ends[state] = [...(ends[state] ?? []), ...more];
    for (let one = 0; one < classes; one++) {
      const cell = state * classes + one;
      const fallback = next[suffix * classes + one] ?? 0;
      const child = next[cell] ?? 0;
      if (child === 0) next[cell] = fallback;
      else {
        failure[child] = fallback;
        queue.push(child);
      }
    }
  }
}

/**
 * Calls `visit` for each keyword that ends in a part of the text, and gives the state for the next part.
 *
 * @param state 0 for the start of a text, else what the part before gave
 */
export function eachKeyword(
  table: KeywordTable,
  text: string,
  from: number,
  to: number,
  state: number,
  visit: (keyword: number, start: number, end: number) => void,
): number {
  const { next, classes, classOf, ends, lengths } = table;
  let now = state;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    now = code < 128 ? (next[now + (classOf[code] ?? 0)] ?? 0) : 0;
    if (now >= 0) continue;
    now = -now;
    for (const keyword of ends[now / classes] ?? []) visit(keyword, i + 1 - (lengths[keyword] ?? 0), i + 1);
  }
  return now;
}
