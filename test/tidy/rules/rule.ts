/** @file What a tidy rule is: one thing it looks for, with texts that it must and must not report. */
import type { Source } from "../sources.ts";

/** A planted file: path and text. */
export type Planted = readonly [path: string, text: string];

/** One rule of docs/STYLE.md, section 11. */
export interface Rule {
  /** As a sentence that is true of a tidy file. */
  readonly name: string;
  /** What is wrong, as `line: text`; empty for a tidy file. */
  find(source: Source): string[];
  /** Each must be reported, so that the rule is known to bite. */
  readonly bad: readonly Planted[];
  /** None may be reported. */
  readonly good: readonly Planted[];
}
