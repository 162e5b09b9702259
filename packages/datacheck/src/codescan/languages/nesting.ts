/** @file Lowering bounded in depth: what lies deeper is a value of which nothing is known, or no statement. */
import { depthMost } from "../engine/language.ts";
import type { OtherExpr, Span } from "../engine/syntax.ts";

/** Where a lowering stands. */
export interface Depth {
  depth: number;
}

/** What one level deeper gives; `otherwise` where that is too deep. */
export function nested<Made>(at: Depth, otherwise: Made, lower: () => Made): Made {
  if (at.depth >= depthMost) return otherwise;
  at.depth += 1;
  const made = lower();
  at.depth -= 1;
  return made;
}

/** A value of which nothing is known. */
export function nothingAt({ start, end }: Span): OtherExpr {
  return { kind: "other", parts: [], start, end };
}

/** The place of what a broken tree lacks. */
export const nowhere: Span = { start: 0, end: 0 };
