/** @file Line offsets, and rules that match single lines. */
import type { Match, Rule } from "../rule.ts";

/** The offset of each line's start. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The line of an offset, counted from 0. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A longer line was not written by a person; only its beginning is matched. */
const maxLine = 2000;

/** Applies line rules: all of them if there is no tree, otherwise all except those for unparsed text. */
export function matchLines(
  text: string,
  rules: ReadonlySet<Rule>,
  isBroken: (line: number) => boolean,
  isComment: RegExp,
  hit: (rule: Rule, span: { start: number; end: number }) => void,
): void {
  const patterns = [...rules].flatMap((rule) =>
    rule.match.flatMap((match: Match) => ("line" in match ? [{ rule, match }] : [])),
  );
  if (patterns.length === 0) return;
  const starts = lineStarts(text);
  for (const [index, start] of starts.entries()) {
    const line = text.slice(start, Math.min((starts[index + 1] ?? text.length + 1) - 1, start + maxLine));
    if (isComment.test(line)) continue;
    const broken = isBroken(index);
    for (const { rule, match } of patterns) {
      if (match.broken && !broken) continue;
      const found = match.line.exec(line);
      if (found === null || match.unless?.test(line)) continue;
      hit(rule, { start: start + found.index, end: start + found.index + found[0].length });
    }
  }
}
