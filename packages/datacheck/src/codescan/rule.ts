/**
 * @file A rule as data: what is wrong, how it is seen, and code that is wrong and right.
 *
 * Rules of a language lie in `rules/LANGUAGE/`, one file per family, and are gathered in `rules/rules.ts`. A rule is
 * tried only where one of its `literals` is in the text. Every bad case has its safe twin among the good ones; a test
 * runs all of them, and all good cases of a language against all its rules.
 *
 * A function's path is what its name stands for once imports and variables are followed: after
 * `from hashlib import new as n`, `n("md5").hexdigest()` is `hashlib.new().hexdigest()`. A pattern `hashlib.md5` is the
 * whole path; `.execute` is any path that ends so; `random.*` any that begins so.
 */
import type { Asked } from "./engine/language.ts";
import type {
  AssertSeen,
  AssignSeen,
  CallSeen,
  FunctionSeen,
  HandlerSeen,
  ImportSeen,
  OperationSeen,
  PatternSeen,
  ReturnSeen,
} from "./engine/seen.ts";
import type { Span } from "./engine/syntax.ts";
import type { Danger, Level } from "./engine/value.ts";
import type { CodeSeverity } from "./finding.ts";

/** Whether it fits; a level: as sure as the value is that it rests on, 0 for no. */
export type Answer = boolean | Level;

/** How a rule sees its weakness. */
export type Match =
  /** A function is called. */
  | { readonly call: readonly string[]; readonly when?: (seen: CallSeen) => Answer }
  /** A function whose path fits is called: for those that programs write for themselves, told by words of their names. */
  | { readonly callLike: Asked; readonly when: (seen: CallSeen) => Answer }
  /** Text from outside, not cleaned for the danger, reaches an argument: by position, by name, or `*` for any. */
  | {
      readonly sink: readonly string[];
      readonly takes: readonly (number | string)[];
      readonly danger: Danger;
      /** 1: a function's parameter is enough; 2: it must come from outside for certain. */
      readonly least: Level;
      /** What came from outside and went through a function that nobody has seen is enough, and likely then. */
      readonly through?: boolean;
      readonly when?: (seen: CallSeen) => boolean;
    }
  /** A variable, attribute, entry or named argument of such a name gets a value. */
  | { readonly assign: Asked; readonly when: (seen: AssignSeen) => Answer }
  | { readonly operation: readonly string[]; readonly when: (seen: OperationSeen) => Answer }
  | { readonly returns: (seen: ReturnSeen) => Answer }
  /** A function is written down; the answer may be the place in it. */
  | { readonly defines: (seen: FunctionSeen) => boolean | Span }
  | { readonly imports: (seen: ImportSeen) => boolean }
  | { readonly handles: (seen: HandlerSeen) => boolean }
  | { readonly asserts: (seen: AssertSeen) => boolean }
  /** A regular expression is written down as a literal. */
  | { readonly patterns: (seen: PatternSeen) => boolean }
  /** A line of text; `broken`: only where the parser failed or is not there. */
  | { readonly line: RegExp; readonly unless?: RegExp; readonly broken?: boolean };

/** A rule. */
export interface Rule {
  /** `python/sql-built`: never changed or used again. */
  readonly id: string;
  readonly cwe: number;
  /** A few words: what is done. */
  readonly title: string;
  readonly severity: CodeSeverity;
  /** Where only a parameter is known to reach it; absent: the same, and medium in place of high. */
  readonly likely?: CodeSeverity;
  /** What comes of it. */
  readonly why: string;
  /** What to write instead. */
  readonly fix: string;
  readonly literals: readonly string[];
  readonly match: readonly Match[];
  /** The excerpt holds a secret and is masked. */
  readonly secret?: boolean;
  readonly bad: readonly string[];
  readonly good: readonly string[];
}
