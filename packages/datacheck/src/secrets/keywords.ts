/**
 * @file Finds any number of keywords in one pass over the text: the automaton of Aho and Corasick.
 *
 * @source Aho and Corasick 1975, Efficient string matching, algorithms 1 to 4
 */

/** Keywords as a transition table, case-insensitive. */
export interface KeywordTable {
  /**
   * The state that follows a state and a character class: `next[state + class]`. State numbers are multiples of
   * `classes`. A state in which a keyword ends is negative.
   */
  readonly next: Int32Array;
  readonly classes: number;
  /** Class of each ASCII character. Characters of class 0, and all beyond ASCII, occur in no keyword. */
  readonly classOf: Uint8Array;
  /** For each state the indexes of the keywords that end in it; `null` for most states. */
  readonly ends: readonly (readonly number[] | null)[];
  readonly lengths: Uint16Array;
}

/** Builds the table for keywords in lower-case ASCII, each with at least one character. */
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
    classes,
    classOf,
    ends,
    lengths: Uint16Array.from(keywords, ({ length }) => length),
  };
}

/** Breadth-first: a state inherits missing transitions, and keyword ends, from its longest suffix that is a state. */
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
 * Calls `visit` for each keyword that ends in a part of the text. Returns the state for the next part.
 *
 * @param state 0 at the start of a text, otherwise the result for the previous part
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
