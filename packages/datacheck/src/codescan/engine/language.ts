/**
 * @file What value tracing needs to know about a language. To add a language, write one such value and its rules.
 *
 * `languages/NAME.ts` defines it; `languages/NAME-tree.ts` lowers the parser's tree to `syntax.ts`. The rest of the
 * engine is language-independent. To see a tree's kinds, print `parseHere(text, language).tree`.
 */
import type { LanguageName } from "../language.ts";
import type { Expr, Statement } from "./syntax.ts";
import type { Tree } from "./tree.ts";
import type { Danger, Level, Value } from "./value.ts";

/** A test of a text, by one or several regular expressions. */
export interface NamePattern {
  test(text: string): boolean;
}

/** True if one of the patterns matches. Splits long alternatives over several lines. */
export function anyOf(...patterns: readonly NamePattern[]): NamePattern {
  return { test: (text) => patterns.some((one) => one.test(text)) };
}

/** Where attacker-controlled values come from. */
export interface Source {
  /** Tested against the whole path, such as `flask.request.args.get()`. */
  readonly path: NamePattern;
  readonly level: Level;
  /** Added to the value's roots if the value is reported rather than tainted: `!error`. */
  readonly root?: string;
  /** Dangers that do not apply: for example, the user who starts a program may name any file. */
  readonly clean?: readonly Danger[];
  /** Applies only if the text contains this word, since the path alone is ambiguous. */
  readonly needs?: string;
}

/** A call, as far as it is known while one of its arguments is evaluated. */
export interface CallSoFar {
  readonly path: string;
  readonly receiver: Value;
  /** The preceding arguments. */
  readonly args: readonly Value[];
}

/** Type information of a language. */
export interface Types {
  /** The path of a value declared with this type; `undefined` if the type says nothing. */
  readonly declared: (source: string) => string | undefined;
  /** The type of a call's result, by the function's path; `undefined` if unknown. */
  readonly gives: (path: string, args: readonly Value[]) => string | undefined;
}

/**
 * The effect of a method on its container: adds values at the end, at the start, at a position or under a key, or all
 * values of another container; removes by position or key; reads; empties; or writes to a text that another method
 * returns.
 */
export type Holding =
  | "append"
  | "prepend"
  | "insert"
  | "extend"
  | "put"
  | "get"
  | "take"
  | "take-first"
  | "clear"
  | "write"
  | "text";

/** The definition of a language. */
export interface Language {
  readonly name: LanguageName;
  /** Lowers the program to statements. Never recurses deeper than `maxDepth`. */
  readonly lower: (tree: Tree) => Statement[];
  /** Converts the text to one that the grammar can parse, of the same length. Absent: the text is parsed as it is. */
  readonly prepare?: (text: string) => string;
  /** Paths of attacker-controlled values, tried in order. */
  readonly sources: readonly Source[];
  /** Sanitizers, by path, or by `.name` for a method of any object. */
  readonly cleaners: Readonly<Record<string, readonly Danger[] | "all">>;
  /** Functions, by path or `.name`, whose result depends on their arguments. Methods always pass on their object. */
  readonly passes: ReadonlySet<string>;
  /** Functions, by path or `.name`, that return the same text: their argument, or for methods the object. */
  readonly keeps: ReadonlySet<string>;
  /** Methods, by `.name`, whose result reveals nothing of the object's text: lengths, searches, comparisons. */
  readonly asks: ReadonlySet<string>;
  /** Methods, by `.name`, that add their arguments to the object. */
  readonly fills: ReadonlySet<string>;
  /** The effect of methods, by `.name`, on a container, element by element. */
  readonly holders?: Readonly<Record<string, Holding>>;
  /** Functions, by path, that create an empty container or a text that is written in pieces. */
  readonly empties?: Readonly<Record<string, "container" | "text">>;
  /** Functions, by path or `.name`, that return true if their argument is allowed. */
  readonly checks: NamePattern;
  /** Functions, by path or `.name`, that return an absolute path without `..`, whose prefix can be compared. */
  readonly resolves: ReadonlySet<string>;
  /** Functions that do not return. */
  readonly ends: ReadonlySet<string>;
  /** Module aliases: the first part of a path is replaced. */
  readonly renames: Readonly<Record<string, string>>;
  /** Decorators of request handlers. */
  readonly answers: NamePattern;
  /** Parameters that hold a request, by name or type. Their content is attacker-controlled. */
  readonly request: NamePattern;
  /** Parameters that are not attacker-controlled: connections, loggers, the object itself. */
  readonly trusted: NamePattern;
  /** Parameters whose name implies an attacker-controlled value: `userInput`. */
  readonly outside?: NamePattern;
  /** Types that cannot hold free text. */
  readonly plainTypes: NamePattern;
  /** Whether a route, given as source, converts a path parameter to a number before it reaches the function. */
  readonly converts?: (routes: string, parameter: string) => boolean;
  /** Names of functions that are called only from within their file. */
  readonly ownName?: NamePattern;
  /**
   * The arguments a callback will be called with, by position; `undefined` if unknown. If present, functions are
   * recorded before they are walked, and their parameters take the values of their calls.
   */
  readonly hands?: (call: CallSoFar, given: Expr) => readonly (Value | undefined)[] | undefined;
  /** The name of the object within a method: `self`, `this`. */
  readonly self: string;
  /** Methods access fields by their bare names. */
  readonly bareFields?: true;
  /** Operators that always return a number. Absent: none. */
  readonly numeric?: ReadonlySet<string>;
  /** Present if the language declares types. Absent: values are classified by how they were created. */
  readonly types?: Types;
}

/** Max nesting of lowered expressions and statements. Deeper code is skipped. */
export const maxDepth = 250;
