/** @file Detects regular expressions that can take exponential time. */

/** State of an open group. */
interface Group {
  ends: boolean;
  loose: boolean;
  others: number;
  /** It contains an unbounded repetition of any character. */
  wild: boolean;
  /** It contains a line break, which `.` does not match. */
  breaks: boolean;
}

function newGroup(): Group {
  return { ends: false, loose: false, others: 0, wild: false, breaks: false };
}

/** Whether a pattern contains a group that repeats without bound and can end in an unbounded repetition. */
export function isExplosive(pattern: string): boolean {
  if (pattern.length > 2000) return false;
  /**
   * For each open group: whether its last piece repeats without bound, and whether everything else in it may be empty.
   */
  const open: Group[] = [newGroup()];
  for (let at = 0; at < pattern.length; at++) {
    const mark = pattern[at] ?? "";
    const top = open.at(-1);
    if (top === undefined) return false;
    if (mark === "(") {
      open.push(newGroup());
      const head = /^\(\?(?:[:=!]|<[=!]|P?<\w{1,40}>)/.exec(pattern.slice(at, at + 50));
      if (head !== null) at += head[0].length - 1;
    } else if (mark === ")") {
      const group = open.pop();
      const length = repeats(pattern, at + 1);
      const outer = open.at(-1);
      if (group === undefined || outer === undefined) return false;
      const inside = group.loose || (group.ends && group.others === 0) || (group.wild && !group.breaks);
      if (inside && length > 0 && isUnbounded(pattern, at + 1)) return true;
      outer.ends = isUnbounded(pattern, at + 1) || inside;
      outer.others += 1;
      at += length;
    } else if (mark === "|") {
      top.loose ||= top.ends && top.others === 0;
      Object.assign(top, { ends: false, others: 0 });
    } else {
      at = pieceEnd(pattern, at);
      const unbounded = isUnbounded(pattern, at + 1);
      const length = repeats(pattern, at + 1);
      const optional = /^[*?]/.test(pattern.slice(at + 1, at + 2));
      if (mark === "." && unbounded) top.wild = true;
      if (mark === "\n" || (mark === "\\" && pattern[at] === "n")) top.breaks = true;
      if (unbounded) top.ends = true;
      else if (mark !== "^" && mark !== "$" && !optional) top.others += 1;
      at += length;
    }
  }
  return false;
}

function pieceEnd(pattern: string, at: number): number {
  if (pattern[at] === "\\") return at + 1;
  if (pattern[at] !== "[") return at;
  for (let end = at + 2; end < pattern.length; end++) {
    if (pattern[end] === "\\") end += 1;
    else if (pattern[end] === "]") return end;
  }
  return pattern.length;
}

function isUnbounded(pattern: string, at: number): boolean {
  return /^(?:[*+]|\{\d{1,6},\})/.test(pattern.slice(at, at + 12));
}

/** The length of the repetition operator, in characters. */
function repeats(pattern: string, at: number): number {
  return /^(?:[*+?]|\{\d{0,6},?\d{0,6}\})[?+]?/.exec(pattern.slice(at, at + 18))?.[0].length ?? 0;
}
