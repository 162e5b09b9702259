/** @file The state of one way through a text: which variables hold what, and who is told what happens. */
import type { Language } from "./language.ts";
import type { CallSeen, Here, Seen } from "./seen.ts";
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
  /** The function, and what stands around it; `undefined` before it is reached. */
  made?: FunctionMade;
  scope?: Variables;
  /** Several functions have the name. */
  isSeveral?: boolean;
  /** Known by the name of its class, of which it makes objects. */
  readonly isMaker?: boolean;
}

/** Where a variable is given its value: by the place of the target, the function around it. */
export type Sites = Map<number, FunctionMade | undefined>;

/** The state. */
export interface Walk {
  readonly language: Language;
  readonly text: string;
  readonly tell: (seen: Seen) => void;
  /** Functions of the text by name, methods also by `Class.name`, constructors by `Class`. */
  readonly known: Map<string, Known>;
  /** Where variables are given their values, as far as the walk has come; complete in the last round. */
  readonly sites: Map<string, Sites>;
  /** The round that tells: what functions give back is known. */
  readonly isLast: boolean;
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
  /** Walks a function's body with what one call hands over; `undefined` where that would take too long. */
  readonly follow: (walk: Walk, known: Known, seen: CallSeen) => Value | undefined;
  /** Calls that are followed into each other, innermost last. */
  readonly calls: readonly FunctionMade[];
  /** Calls that may still be followed; shared by all walks of a text. */
  readonly budget: { calls: number };
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
  /** Variables that an earlier turn of a loop may have changed. */
  looping: ReadonlySet<string>;
  /** The class around the place, or "". */
  owner: string;
  /** A branch that constants decide has left the block: what follows is not reached. */
  ended: boolean;
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
  if (held !== undefined) {
    const asks = held.constant !== undefined || held.whole === true;
    return asks && !held.loose && !isSettled(walk, name, held) ? { ...held, loose: true } : held;
  }
  for (const star of walk.stars) {
    const path = `${star}.${name}`;
    if (walk.isKnownPath(path)) return { ...unknown, path };
  }
  return { ...unknown, path: name };
}

/**
 * Whether a variable holds here what the walk says: nothing else around changes it. Variables of an outer scope do
 * where they are given their value once; containers of an outer scope are filled from everywhere.
 */
function isSettled(walk: Walk, name: string, { whole }: Value): boolean {
  if (!walk.isLast || walk.looping.has(name)) return false;
  const sites = walk.sites.get(name);
  if (sites === undefined) return true;
  const scope = walk.here.inside;
  const scopes = [...sites.values()];
  if (!scopes.includes(scope)) return sites.size === 1 && !whole;
  return scopes.every((one) => one === scope || !areNested(one, scope));
}

function areNested(a: FunctionMade | undefined, b: FunctionMade | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  return (a.start <= b.start && b.end <= a.end) || (b.start <= a.start && a.end <= b.end);
}

/** Whether a method makes objects of its class. */
export function makes(owner: string, { name }: FunctionMade): boolean {
  return /^(__init__|constructor|__construct|setUp)$/.test(name) || (name !== "" && name === owner);
}

const sitesMost = 50;

/** Notes where a variable is given its value. */
export function noteSite(walk: Walk, name: string, start: number): void {
  const sites = walk.sites.get(name) ?? new Map();
  if (sites.size < sitesMost) sites.set(start, walk.here.inside);
  walk.sites.set(name, sites);
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
