/** @file The type of a tidy rule: what it looks for, with examples that it must and must not report. */
import type { Source } from "../sources.ts";

/** A planted file: path and text. */
export type Planted = readonly [path: string, text: string];

/** A rule of docs/STYLE.md, section 11. */
export interface Rule {
  /** A sentence that is true for a tidy file. */
  readonly name: string;
  /** The violations as `line: text`; empty for a tidy file. */
  find(source: Source): string[];
  /** The rule must report each of these, which proves that it works. */
  readonly bad: readonly Planted[];
  /** The rule must report none of these. */
  readonly good: readonly Planted[];
}
