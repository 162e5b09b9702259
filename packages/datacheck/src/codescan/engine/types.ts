/**
 * @file Types where a language writes them down: a value goes by its type, whatever it was made by, and what was set on
 * an object that was made in the text stays known: `factory.setFeature(NAME, false)`, `cookie.setSecure(true)`.
 */
import type { CallExpr } from "./syntax.ts";
import { hole, type Value } from "./value.ts";
import { keyOf, type Walk } from "./walk.ts";

const typeName = /^[A-Z]\w*(\[\])?$/;
const settingsMost = 50;
/** Set on an object that somebody else may have changed. */
export const elsewhere = "*";

/** The value under the type it was declared with, unless more is known of what it is. */
export function declaredAs({ language: { types } }: Walk, value: Value, source: string | undefined): Value {
  if (
    types === undefined ||
    source === undefined ||
    source === "" ||
    (typeName.test(value.path) && value.set !== undefined)
  )
    return value;
  const path = types.declared(source);
  return path === undefined ? value : { ...value, path };
}

/** The value of a call under its type, with what was set on the object that it was made from. */
export function typedResult(walk: Walk, expr: CallExpr, path: string, seen: Settled, result: Value): Value {
  const { types } = walk.language;
  if (types === undefined) return result;
  const { receiver, args, gives } = seen;
  const type =
    types.gives(path, args) ?? (gives !== undefined && typeName.test(gives.path) ? gives.path : undefined);
  const settings = settingsOf(walk, expr, seen, type);
  if (settings === undefined && gives?.set === undefined)
    return type === undefined ? result : { ...result, path: type };
  const set = new Map([...(gives?.set ?? []), ...(settings ?? [])]);
  for (const one of args) for (const [key, value] of one.set ?? []) if (!set.has(key)) set.set(key, value);
  const same =
    expr.callee.kind === "member" && /^set[A-Z]/.test(expr.callee.name) ? receiver.path : result.path;
  return { ...result, path: type ?? same, set };
}

/** What is known of a call beside its path. */
export interface Settled {
  readonly receiver: Value;
  readonly args: readonly Value[];
  /** What a function of the text gives back. */
  readonly gives: Value | undefined;
}

type Settings = NonNullable<Value["set"]>;

/** What is set on the result: nothing yet on what is made here, all of the object's on what comes from it. */
function settingsOf(
  walk: Walk,
  { callee, args: given }: CallExpr,
  { receiver, args }: Settled,
  type: string | undefined,
): Settings | undefined {
  for (const [position, one] of args.entries()) {
    if (callee.kind === "name" && one.set !== undefined && type === undefined)
      keep(walk, given[position]?.value, one, new Map(one.set).set(elsewhere, true));
  }
  if (callee.kind !== "member") return type === undefined ? undefined : new Map();
  const isClass =
    callee.object.kind === "name" && /^[A-Z]/.test(callee.object.name) && receiver.set === undefined;
  if (isClass) return type === undefined ? undefined : new Map();
  if (receiver.set === undefined) return undefined;
  const isSetter = /^(set|with|enable|disable|add|allow|register|use)[A-Z]/.test(callee.name);
  if (!isSetter && typeof args[0]?.constant !== "boolean") return receiver.set;
  const set = new Map(receiver.set);
  for (const one of args) for (const [key, value] of one.set ?? []) set.set(key, value);
  const [first, second] = args;
  const name = callee.name.replace(/^set/, "");
  if (second === undefined) set.set(name, constantIn(first));
  else
    set.set(typeof first?.constant === "string" ? first.constant : (first?.path ?? ""), constantIn(second));
  if (set.size <= settingsMost) keep(walk, callee.object, receiver, set);
  return set;
}

function constantIn(value: Value | undefined): string | number | boolean | null {
  return value?.constant ?? (value === undefined ? true : hole);
}

function keep(walk: Walk, expr: CallExpr["callee"] | undefined, value: Value, set: Settings): void {
  const key = expr === undefined ? undefined : keyOf(expr);
  if (key !== undefined && walk.variables.has(key)) walk.variables.set(key, { ...value, set });
}
