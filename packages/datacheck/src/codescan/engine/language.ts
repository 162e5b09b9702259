/**
 * @file What the tracing of values has to know of a language. A new language is one such value, and rules.
 *
 * `languages/NAME.ts` holds it; `languages/NAME-tree.ts` lowers the parser's tree to `syntax.ts`. Nothing else in the
 * engine knows a language. To see a tree's kinds, print `parseHere(text, language).tree`.
 */
import type { LanguageName } from "../language.ts";
import type { Expr, Statement } from "./syntax.ts";
import type { Tree } from "./tree.ts";
import type { Danger, Level, Value } from "./value.ts";

/** A question about a text: one regular expression, or several. */
export interface Asked {
  test(text: string): boolean;
}

/** Yes where one of them says yes; so long lists stand in lines that can be read. */
export function anyOf(...patterns: readonly Asked[]): Asked {
  return { test: (text) => patterns.some((one) => one.test(text)) };
}

/** Where a value comes from outside. */
export interface Source {
  /** Tested on the whole path, such as `flask.request.args.get()`. */
  readonly path: Asked;
  readonly level: Level;
  /** Noted among the value's roots, for what is told rather than tainted: `!error`. */
  readonly root?: string;
  /** Dangers that it is none for: who starts a program may name any file. */
  readonly clean?: readonly Danger[];
  /** Only in a text that has this word, as the path alone could mean anything. */
  readonly needs?: string;
}

/** A call as far as it is known when one of its arguments is evaluated. */
export interface CallSoFar {
  readonly path: string;
  readonly receiver: Value;
  /** The arguments before it. */
  readonly args: readonly Value[];
}

/** What a language knows of its types. */
export interface Types {
  /** The path of a value that was declared so, by the type's source; `undefined` where that says nothing. */
  readonly declared: (source: string) => string | undefined;
  /** The type of what a call gives, by the function's path; `undefined` where nobody knows. */
  readonly gives: (path: string, args: readonly Value[]) => string | undefined;
}

/**
 * What a method does to the container it is called on: puts something in behind, before, at a place or under a key,
 * all of another one's; takes it out by position or key; reads it; empties it; or writes to a text that another reads.
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

/** A language as data. */
export interface Language {
  readonly name: LanguageName;
  /** The program as statements. Never recurses deeper than `depthMost`. */
  readonly lower: (tree: Tree) => Statement[];
  /** The text as the grammar can read it, of the same length; absent: as it is. */
  readonly prepare?: (text: string) => string;
  /** Paths whose value comes from outside, tried in order. */
  readonly sources: readonly Source[];
  /** Functions whose result is clean, by path, or by `.name` for a method of anything. */
  readonly cleaners: Readonly<Record<string, readonly Danger[] | "all">>;
  /** Functions, by path or `.name`, whose result is made of their arguments. Methods always pass their object on. */
  readonly passes: ReadonlySet<string>;
  /** Functions, by path or `.name`, whose result is the same text: of the argument, for a method of the object. */
  readonly keeps: ReadonlySet<string>;
  /** Methods, by `.name`, whose result says nothing of the object: lengths, searches, comparisons. */
  readonly asks: ReadonlySet<string>;
  /** Methods, by `.name`, that put their arguments into the object. */
  readonly fills: ReadonlySet<string>;
  /** What methods, by `.name`, do to a container, element by element. */
  readonly holders?: Readonly<Record<string, Holding>>;
  /** Functions, by path, that make an empty container, or a text that is written piece by piece. */
  readonly empties?: Readonly<Record<string, "container" | "text">>;
  /** Functions that test their argument: a true answer means it is allowed. By path or `.name`. */
  readonly checks: Asked;
  /** Functions, by path or `.name`, that make a path absolute and free of `..`, so that its start can be compared. */
  readonly resolves: ReadonlySet<string>;
  /** Functions that do not come back. */
  readonly ends: ReadonlySet<string>;
  /** Modules under another name: the first part of a path is replaced. */
  readonly renames: Readonly<Record<string, string>>;
  /** Decorators of functions that answer requests. */
  readonly answers: Asked;
  /** Parameters that hold a request, by name or type: what is in them comes from outside. */
  readonly request: Asked;
  /** Parameters that nobody outside writes: connections, loggers, the object itself. */
  readonly trusted: Asked;
  /** Parameters whose name says that somebody outside wrote them: `userInput`. */
  readonly outside?: Asked;
  /** Types that hold no free text. */
  readonly plainTypes: Asked;
  /** Whether a route, by its source, turns a part of the address into a number before the function gets it. */
  readonly converts?: (routes: string, parameter: string) => boolean;
  /** Names of functions that nobody outside of the text calls. */
  readonly ownName?: Asked;
  /**
   * What a function that is handed over will be called with, by position; `undefined` where nobody knows. Where it is
   * there, functions are known before they are reached, and their parameters hold what they are called with.
   */
  readonly hands?: (call: CallSoFar, given: Expr) => readonly (Value | undefined)[] | undefined;
  /** The object's own name in a method: `self`, `this`. */
  readonly self: string;
  /** A method writes and reads fields by their bare names. */
  readonly bareFields?: true;
  /** Operators whose result is a number, whatever their operands are; absent: none. */
  readonly numeric?: ReadonlySet<string>;
  /** Where types are written down; absent: values go by how they were made. */
  readonly types?: Types;
}

/** How deep lowered expressions and statements may lie within each other; what lies deeper is not looked at. */
export const depthMost = 250;
