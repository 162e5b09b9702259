/** @file Events in a program, as rules receive them. */
import type { FunctionMade, Handler, Span } from "./syntax.ts";
import type { Value } from "./value.ts";

/** The context of an event. */
export interface Here {
  /** The enclosing function; `undefined` at the top level. */
  readonly inside: FunctionMade | undefined;
  /** The function handles requests, according to its decorators or parameters. */
  readonly answers: boolean;
  /** Paths of all imports of the file. Each scan has one set, which rules also use as a cache key. */
  readonly imports: ReadonlySet<string>;
  /** The whole text. */
  readonly text: string;
}

/** A function call or object construction. */
export interface CallSeen extends Span {
  readonly kind: "call";
  /** `subprocess.run`, or `.execute` if the object is unknown. */
  readonly path: string;
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
  /** The object before the last dot. */
  readonly receiver: Value;
  /** The arguments contain a spread list or dictionary, so some are unknown. */
  readonly spread: boolean;
  readonly here: Here;
}

/** A value is assigned to a name. */
export interface AssignSeen extends Span {
  readonly kind: "assign";
  /**
   * `item` is `x["key"]`, `entry` a dictionary entry, `argument` a named argument, `standard` a parameter's default.
   */
  readonly form: "variable" | "attribute" | "item" | "entry" | "argument" | "standard";
  /** The whole target: `ssl.create_default_context().verify_mode`. For an argument: the function's path. */
  readonly path: string;
  /** The last name alone: `verify_mode`. */
  readonly name: string;
  readonly value: Value;
  /** The object of the attribute or item. */
  readonly object?: Value;
  /** The key of the item. */
  readonly key?: Value;
  readonly here: Here;
}

/** An operator is used. */
export interface OperationSeen extends Span {
  readonly kind: "operation";
  readonly operator: string;
  readonly operands: readonly Value[];
  readonly here: Here;
}

/** A function returns a value. */
export interface ReturnSeen extends Span {
  readonly kind: "return";
  readonly value: Value;
  readonly here: Here;
}

/** A function is defined. The events of its body follow. */
export interface FunctionSeen extends Span {
  readonly kind: "function";
  readonly made: FunctionMade;
  /** Paths of its decorators. */
  readonly marks: readonly string[];
  readonly here: Here;
}

/** A module is imported. */
export interface ImportSeen extends Span {
  readonly kind: "import";
  readonly path: string;
  readonly here: Here;
}

/** An exception is caught. */
export interface HandlerSeen extends Span {
  readonly kind: "handler";
  readonly handler: Handler;
  readonly here: Here;
}

/** An assertion. */
export interface AssertSeen extends Span {
  readonly kind: "assert";
  readonly test: Value;
  readonly here: Here;
}

/** A regular expression literal. */
export interface PatternSeen extends Span {
  readonly kind: "pattern";
  /** The pattern between the slashes. */
  readonly pattern: string;
  readonly here: Here;
}

/** Any event. */
export type Seen =
  | CallSeen
  | AssignSeen
  | OperationSeen
  | ReturnSeen
  | FunctionSeen
  | ImportSeen
  | HandlerSeen
  | AssertSeen
  | PatternSeen;
