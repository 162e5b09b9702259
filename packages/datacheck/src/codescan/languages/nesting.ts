/** @file Limits the depth of a lowering. Deeper expressions become unknown values; deeper statements are dropped. */
import { maxDepth } from "../engine/language.ts";
import type { OtherExpr, Span } from "../engine/syntax.ts";

/** The current depth of a lowering. */
export interface Depth {
  depth: number;
}

/** Runs `lower` one level deeper, or returns `otherwise` if that is too deep. */
export function nested<Made>(at: Depth, otherwise: Made, lower: () => Made): Made {
  if (at.depth >= maxDepth) return otherwise;
  at.depth += 1;
  const made = lower();
  at.depth -= 1;
  return made;
}

/** An unknown value. */
export function nothingAt({ start, end }: Span): OtherExpr {
  return { kind: "other", parts: [], start, end };
}

/** The span of a missing part in a broken tree. */
export const nowhere: Span = { start: 0, end: 0 };
