/** @file What happens in a text, one event at a time, as rules see it. */
import type { FunctionMade, Handler, Span } from "./syntax.ts";
import type { Value } from "./value.ts";

/** Where something happens. */
export interface Here {
  /** The function it happens in; `undefined` at the top of the file. */
  readonly inside: FunctionMade | undefined;
  /** The function answers requests: its decorators or its place say so. */
  readonly answers: boolean;
  /** Paths of all imports of the file; one set for each scan, by which rules remember what they read in its text. */
  readonly imports: ReadonlySet<string>;
  /** The whole text. */
  readonly text: string;
}

/** A function is called, or an object made. */
export interface CallSeen extends Span {
  readonly kind: "call";
  /** `subprocess.run`, or `.execute` behind whatever the object is. */
  readonly path: string;
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
  /** The object before the last dot. */
  readonly receiver: Value;
  /** A list or dictionary was spread into the arguments, so that some are not known. */
  readonly spread: boolean;
  readonly here: Here;
}

/** A value gets a name. */
export interface AssignSeen extends Span {
  readonly kind: "assign";
  /** A variable, an attribute, `x["key"]`, an entry of a dictionary, a named argument, a parameter's standard value. */
  readonly form: "variable" | "attribute" | "item" | "entry" | "argument" | "standard";
  /** The whole target: `ssl.create_default_context().verify_mode`; for an argument the function's path. */
  readonly path: string;
  /** The last name alone: `verify_mode`. */
  readonly name: string;
  readonly value: Value;
  /** What holds the attribute or item. */
  readonly object?: Value;
  /** The item's name. */
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

/** A function gives something back. */
export interface ReturnSeen extends Span {
  readonly kind: "return";
  readonly value: Value;
  readonly here: Here;
}

/** A function is written down; its body is among the events that follow. */
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

/** An error is caught. */
export interface HandlerSeen extends Span {
  readonly kind: "handler";
  readonly handler: Handler;
  readonly here: Here;
}

/** Something is asserted. */
export interface AssertSeen extends Span {
  readonly kind: "assert";
  readonly test: Value;
  readonly here: Here;
}

/** A regular expression is written down as a literal. */
export interface PatternSeen extends Span {
  readonly kind: "pattern";
  /** What stands between the slashes. */
  readonly pattern: string;
  readonly here: Here;
}

/** Any of them. */
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
