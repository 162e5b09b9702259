/**
 * @file A rule as data: the weakness and how it is matched.
 *
 * Rules of a language are in `rules/LANGUAGE/`, one file per family; `rules/rules.ts` collects them. A rule runs only
 * if one of its `literals` occurs in the text. `test/cases/LANGUAGE/` of the package holds vulnerable code that each
 * rule must find, and its safe twins. A test scans all of it, and the safe code of a language with all its rules.
 *
 * A function's path is its name with imports and variables resolved: after `from hashlib import new as n`,
 * `n("md5").hexdigest()` is `hashlib.new().hexdigest()`. The pattern `hashlib.md5` matches the whole path, `.execute`
 * any path with this ending, and `random.*` any path with this prefix.
 */
import type { NamePattern } from "./engine/language.ts";
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

/** Whether a rule matches. A level states the certainty of the value that the match depends on; 0 means no. */
export type Answer = boolean | Level;

/** How a rule matches its weakness. */
export type Match =
  /** A call of a function. */
  | { readonly call: readonly string[]; readonly when?: (seen: CallSeen) => Answer }
  /**
   * A call of a function whose path matches. For helpers that programs define themselves, recognized by words in their
   * names.
   */
  | { readonly callLike: NamePattern; readonly when: (seen: CallSeen) => Answer }
  /** Tainted text reaches an argument: by position, by name, or `*` for any. */
  | {
      readonly sink: readonly string[];
      readonly takes: readonly (number | string)[];
      readonly danger: Danger;
      /** 1: a function's parameter suffices; 2: the value must certainly be attacker-controlled. */
      readonly least: Level;
      /**
       * Also matches attacker-controlled values that passed through an unknown function; the finding is then likely.
       */
      readonly through?: boolean;
      readonly when?: (seen: CallSeen) => boolean;
    }
  /** A variable, attribute, entry or named argument with a matching name is assigned. */
  | { readonly assign: NamePattern; readonly when: (seen: AssignSeen) => Answer }
  | { readonly operation: readonly string[]; readonly when: (seen: OperationSeen) => Answer }
  | { readonly returns: (seen: ReturnSeen) => Answer }
  /** A function is defined. The answer may be a span within it. */
  | { readonly defines: (seen: FunctionSeen) => boolean | Span }
  | { readonly imports: (seen: ImportSeen) => boolean }
  | { readonly handles: (seen: HandlerSeen) => boolean }
  | { readonly asserts: (seen: AssertSeen) => boolean }
  /** A regular expression literal. */
  | { readonly patterns: (seen: PatternSeen) => boolean }
  /** A line of text. `broken`: only lines that the parser could not read, or all lines without a parser. */
  | { readonly line: RegExp; readonly unless?: RegExp; readonly broken?: boolean };

/** A rule. */
export interface Rule {
  /** `python/sql-built`: never changed or reused. */
  readonly id: string;
  readonly cwe: number;
  /** A short description of the weakness. */
  readonly title: string;
  readonly severity: CodeSeverity;
  /** Severity if only a parameter is known to reach it. Absent: the same severity, but medium instead of high. */
  readonly likely?: CodeSeverity;
  /** The consequence. */
  readonly why: string;
  /** The recommended code. */
  readonly fix: string;
  readonly literals: readonly string[];
  readonly match: readonly Match[];
  /** The excerpt contains a secret and is masked. */
  readonly secret?: boolean;
}
