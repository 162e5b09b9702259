/** @file Follows a call to a function of the scanned file into its body, with the arguments of this call. */
import { evaluate } from "./evaluate.ts";
import { assign, perform } from "./perform.ts";
import type { CallSeen } from "./seen.ts";
import type { FunctionMade } from "./syntax.ts";
import { blend, unknown, type Value } from "./value.ts";
import type { Known, Walk } from "./walk.ts";

const maxDepth = 3;
const stepsOfCall = 1500;
const maxLength = 8000;

/** Walks a function's body with the arguments of one call, to get an exact result. Reports no findings. */
export function follow(
  walk: Walk,
  { made, scope, isMaker, isSeveral }: Known,
  seen: CallSeen,
): Value | undefined {
  if (made === undefined || isSeveral || !walk.isLast || walk.budget.calls <= 0 || walk.steps < stepsOfCall)
    return undefined;
  if (walk.calls.length >= maxDepth || walk.calls.includes(made) || made.end - made.start > maxLength)
    return undefined;
  walk.budget.calls -= 1;
  const here = { ...walk.here, inside: made };
  const inner: Walk = {
    ...walk,
    tell: () => {},
    here,
    variables: new Map(scope),
    calls: [...walk.calls, made],
    steps: stepsOfCall,
    gives: undefined,
    waiting: [],
    loops: 2,
    looping: new Set(),
    ended: false,
    left: undefined,
  };
  handOver(walk, inner, seen);
  bind(inner, made, seen, made.method && (isMaker || seen.path.includes(".")));
  perform(inner, made.body);
  walk.steps -= stepsOfCall - Math.max(0, inner.steps);
  if (inner.steps <= 0) return undefined;
  if (isMaker) return objectOf(inner);
  const { made: _, ...gives } = inner.gives ?? unknown;
  return gives;
}

/** Passes on the fields of the object: those of the current one, or those set at its construction. */
function handOver({ language, variables }: Walk, inner: Walk, { receiver }: CallSeen): void {
  const own = `${language.self}.`;
  if (receiver.path === language.self) {
    for (const [key, value] of variables) if (key.startsWith(own)) inner.variables.set(key, value);
  } else if (receiver.entries !== undefined) {
    for (const [key, value] of receiver.entries) inner.variables.set(own + key, value);
  }
}

function bind(inner: Walk, made: FunctionMade, { args, named, spread }: CallSeen, isMethod: boolean): void {
  const { language } = inner;
  const skipped = isMethod ? 1 : 0;
  const rest = spread ? blend([...args, ...named.values()]) : unknown;
  for (const [position, { name, standard, pattern }] of made.parameters.entries()) {
    if (position < skipped) {
      inner.variables.set(name, { ...unknown, path: name });
      continue;
    }
    const given = named.get(name) ?? args[position - skipped];
    const value = given ?? (standard === undefined ? rest : evaluate(inner, standard));
    if (pattern === undefined)
      inner.variables.set(
        name,
        language.request.test(name) && value.path === "" ? { ...value, path: "request" } : value,
      );
    else assign(inner, pattern, value, pattern);
  }
}

/** The result of a constructor: an object with the fields that it set. */
function objectOf({ language, variables }: Walk): Value {
  const own = `${language.self}.`;
  const entries = new Map<string, Value>();
  for (const [key, value] of variables) if (key.startsWith(own)) entries.set(key.slice(own.length), value);
  return { ...blend([...entries.values()]), entries };
}
