/** @file The state of one walk through a program: the values of variables, and the listener for events. */
import type { Language } from "./language.ts";
import type { CallSeen, Here, Seen } from "./seen.ts";
import type { Expr, FunctionMade, Statement } from "./syntax.ts";
import { unknown, type Value } from "./value.ts";

/** Variables, attributes (`self.x`) and imported names, by their source. */
export type Variables = Map<string, Value>;

/** The results and arguments of a function of the file. */
export interface Known {
  /** The result if all parameters have level 1. */
  gives?: Value;
  /** The most tainted arguments, by position. */
  readonly given: Value[];
  /** The function and its enclosing scope; `undefined` until the walk reaches it. */
  made?: FunctionMade;
  scope?: Variables;
  /** Several functions share the name. */
  isSeveral?: boolean;
  /** A constructor, recorded under the name of its class. */
  readonly isMaker?: boolean;
}

/** Assignments of a variable: offset of the target, and the enclosing function. */
export type Sites = Map<number, FunctionMade | undefined>;

/** The state of a walk. */
export interface Walk {
  readonly language: Language;
  readonly text: string;
  readonly tell: (seen: Seen) => void;
  /** Functions of the file by name, methods also by `Class.name`, constructors by `Class`. */
  readonly known: Map<string, Known>;
  /** Assignments of each variable seen so far; complete in the last round. */
  readonly sites: Map<string, Sites>;
  /** The round that reports events. The results of functions are known by then. */
  readonly isLast: boolean;
  readonly imports: Set<string>;
  /** Modules whose names were all imported. */
  readonly stars: string[];
  /** Whether rules know a path. Decides which module a name came from. */
  readonly isKnownPath: (path: string) => boolean;
  /** Walks a function's body and returns its result. Injected to avoid a circular import. */
  readonly enter: (
    walk: Walk,
    made: FunctionMade,
    given?: readonly (Value | undefined)[],
  ) => Value | undefined;
  /** Walks a function's body with the arguments of one call; `undefined` if that would take too long. */
  readonly follow: (walk: Walk, known: Known, seen: CallSeen) => Value | undefined;
  /** The stack of followed calls, innermost last. */
  readonly calls: readonly FunctionMade[];
  /** Calls that may still be followed, shared by all walks of a file. */
  readonly budget: { calls: number };
  variables: Variables;
  here: Here;
  /** The result so far of the current function. */
  gives: Value | undefined;
  /** Functions whose bodies are walked at the end of their block. */
  waiting: FunctionMade[];
  /** The variables at a `break` or `continue` of the current loop. */
  left?: Variables | undefined;
  /** Number of enclosing loops. Deeply nested ones are walked once. */
  loops: number;
  /** Variables that an earlier iteration may have changed. */
  looping: ReadonlySet<string>;
  /** The enclosing class, or "". */
  owner: string;
  /** A branch decided by constants has left the block, so the rest is unreachable. */
  ended: boolean;
  /** Statements and expressions left before the walk stops. */
  steps: number;
}

/** The key under which a target is stored: `x`, `self.x`, `a.b.c`. */
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

/** Resolves a name by assignment or import, otherwise as a builtin or unknown name. */
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
 * Whether no other code can change what the walk knows of a variable. A variable of an outer scope must be assigned
 * exactly once; a container of an outer scope may be filled anywhere.
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

/** Whether a method is a constructor of its class. */
export function makes(owner: string, { name }: FunctionMade): boolean {
  return /^(__init__|constructor|__construct|setUp)$/.test(name) || (name !== "" && name === owner);
}

const maxSites = 50;

/** Records an assignment of a variable. */
export function noteSite(walk: Walk, name: string, start: number): void {
  const sites = walk.sites.get(name) ?? new Map();
  if (sites.size < maxSites) sites.set(start, walk.here.inside);
  walk.sites.set(name, sites);
}

/** An imported path under the name that rules use. */
export function renamed(language: Language, path: string): string {
  const first = /^[^.]{0,80}/.exec(path)?.[0] ?? "";
  const other = language.renames[first];
  return language.renames[path] ?? (other === undefined ? path : other + path.slice(first.length));
}

/** Whether the code after these statements is unreachable. */
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
