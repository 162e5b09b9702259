/** @file The state of one way through a text: which variables hold what, and who is told what happens. */
import type { Language } from "./language.ts";
import type { Here, Seen } from "./seen.ts";
import type { Expr, FunctionMade, Statement } from "./syntax.ts";
import { unknown, type Value } from "./value.ts";

/** Variables, attributes (`self.x`) and imported names, by what is written. */
export type Variables = Map<string, Value>;

/** What a function of the text gives back, and what it is called with. */
export interface Known {
  /** With parameters of level 1. */
  gives?: Value;
  /** The worst that was handed over, by position. */
  readonly given: Value[];
}

/** The state. */
export interface Walk {
  readonly language: Language;
  readonly text: string;
  readonly tell: (seen: Seen) => void;
  /** Functions of the text by name. */
  readonly known: Map<string, Known>;
  readonly imports: Set<string>;
  /** Modules of which all names were imported. */
  readonly stars: string[];
  /** Whether a path is one that rules know; settles which module a name came from. */
  readonly isKnownPath: (path: string) => boolean;
  /** Walks a function's body and tells what it gives back; handed in, since bodies hold expressions and those functions. */
  readonly enter: (
    walk: Walk,
    made: FunctionMade,
    given?: readonly (Value | undefined)[],
  ) => Value | undefined;
  variables: Variables;
  here: Here;
  /** What the function at work gave back so far. */
  gives: Value | undefined;
  /** Functions whose bodies wait for the end of the block they stand in. */
  waiting: FunctionMade[];
  /** What variables hold where a loop's body was left by `break` or `continue`. */
  left?: Variables | undefined;
  /** Loops around the place; deep ones are walked once. */
  loops: number;
  /** Statements and expressions left before the walk gives up. */
  steps: number;
}

/** The name under which a target is kept: `x`, `self.x`, `a.b.c`. */
export function keyOf(expr: Expr): string | undefined {
  let name = "";
  let at = expr;
  for (let depth = 0; depth < 4; depth++) {
    if (at.kind === "name") return at.name + name;
    if (at.kind !== "member") return undefined;
    name = `.${at.name}${name}`;
    at = at.object;
  }
  return undefined;
}

/** What a name stands for, by assignment or import; else a name of the language or of nobody. */
export function lookUp(walk: Walk, name: string): Value {
  const held = walk.variables.get(name);
  if (held !== undefined) return held;
  for (const star of walk.stars) {
    const path = `${star}.${name}`;
    if (walk.isKnownPath(path)) return { ...unknown, path };
  }
  return { ...unknown, path: name };
}

/** An imported path, under the name that rules know. */
export function renamed(language: Language, path: string): string {
  const first = /^[^.]{0,80}/.exec(path)?.[0] ?? "";
  const other = language.renames[first];
  return language.renames[path] ?? (other === undefined ? path : other + path.slice(first.length));
}

/** Whether nothing of what follows these statements is reached. */
export function endsHere(walk: Walk, statements: readonly Statement[]): boolean {
  const last = statements.at(-1);
  if (last === undefined) return false;
  if (last.kind === "return" || last.kind === "stop") return true;
  if (last.kind === "block") return endsHere(walk, last.body);
  if (last.kind === "if") return endsHere(walk, last.met) && endsHere(walk, last.otherwise);
  if (last.kind !== "do" || last.value.kind !== "call") return false;
  const key = keyOf(last.value.callee);
  if (key === undefined) return false;
  const [first = "", ...rest] = key.split(".");
  const path = [lookUp(walk, first).path || first, ...rest].join(".");
  return walk.language.ends.has(path) || walk.language.ends.has(`.${key.split(".").at(-1)}`);
}
